//! Laid-out text as text: a row becomes runs of one look, and in a run each word stands where egui placed it, so that
//! nothing drifts in a font of another width.

use super::number::Num;
use super::shapes::turned;
use super::{Svg, escaped, fill};
use egui::epaint::TextShape;
use egui::epaint::text::{Galley, Glyph, LayoutSection, PlacedRow};
use egui::{Color32, FontFamily, Pos2};
use std::fmt::Write;

/// What a reader without our fonts gets.
const PROPORTIONAL: &str = "Inter,'Segoe UI','Helvetica Neue',Arial,sans-serif";
const MONOSPACE: &str = "Hack,'DejaVu Sans Mono',Menlo,Consolas,monospace";

/// Letters of one look beside each other.
struct Run<'a> {
    section: &'a LayoutSection,
    glyphs: Vec<&'a Glyph>,
}

impl Svg<'_> {
    pub(super) fn text(&mut self, shape: &TextShape) {
        let galley = &shape.galley;
        let mut place = 0;
        for row in &galley.rows {
            let origin = shape.pos + row.pos.to_vec2();
            // What lies behind and under the letters: backgrounds, underlines.
            self.decoration(shape, row, origin);
            for run in runs(galley, row, place) {
                self.run(shape, &run, origin);
            }
            let newline = usize::from(row.ends_with_newline);
            let letters = row.glyphs.iter().map(|glyph| glyph.chr.len_utf8());
            place += letters.sum::<usize>() + newline;
        }
    }

    fn run(&mut self, shape: &TextShape, run: &Run<'_>, origin: Pos2) {
        let words = words(&run.glyphs);
        let Some(first) = run.glyphs.first().filter(|_| !words.is_empty()) else {
            return;
        };
        let format = &run.section.format;
        let colour = match (shape.override_text_color, format.color) {
            (Some(colour), _) => colour,
            (None, Color32::PLACEHOLDER) => shape.fallback_color,
            (None, colour) => colour,
        };
        let colour = colour.gamma_multiply(shape.opacity_factor);
        if colour.a() == 0 {
            return;
        }
        let family = match &format.font_id.family {
            FontFamily::Monospace => MONOSPACE,
            FontFamily::Proportional | FontFamily::Name(_) => PROPORTIONAL,
        };
        let (y, size) = (Num(origin.y + first.pos.y), Num(format.font_id.size));
        let mut element = format!(
            "<text y=\"{y}\" font-family=\"{family}\" font-size=\"{size}\"{}",
            fill(colour)
        );
        if format.italics {
            element.push_str(" font-style=\"italic\"");
        }
        element.push_str(&turned(shape.angle, shape.pos));
        match words.as_slice() {
            [(x, word)] => {
                // Writing to a string cannot fail.
                let _ = write!(element, " x=\"{}\">{}", Num(origin.x + x), escaped(word));
            }
            words => {
                element.push('>');
                for (x, word) in words {
                    let (x, word) = (Num(origin.x + x), escaped(word));
                    let _ = write!(element, "<tspan x=\"{x}\">{word} </tspan>");
                }
            }
        }
        element.push_str("</text>");
        self.element(&element);
    }

    fn decoration(&mut self, shape: &TextShape, row: &PlacedRow, origin: Pos2) {
        let visuals = &row.visuals;
        let letters = &visuals.glyph_vertex_range;
        let mut rest = visuals.mesh.clone();
        let is_letter = |index: &u32| letters.contains(&(*index as usize));
        rest.indices = (visuals.mesh.indices)
            .chunks_exact(3)
            .filter(|corners| !corners.iter().any(is_letter))
            .flatten()
            .copied()
            .collect();
        if !rest.indices.is_empty() {
            self.mesh(&rest, origin, shape.fallback_color, shape.opacity_factor);
        }
    }
}

/// The letters of a row by section. `place` is the byte of the text at which the row begins.
fn runs<'a>(galley: &'a Galley, row: &'a PlacedRow, mut place: usize) -> Vec<Run<'a>> {
    let sections = &galley.job.sections;
    let mut runs: Vec<Run<'a>> = Vec::new();
    let mut at = sections.partition_point(|section| section.byte_range.end.0 <= place);
    for glyph in &row.glyphs {
        while sections.get(at + 1).is_some() && sections[at].byte_range.end.0 <= place {
            at += 1;
        }
        let Some(section) = sections.get(at).or(sections.last()) else {
            break;
        };
        match runs.last_mut() {
            Some(run) if std::ptr::eq(run.section, section) => run.glyphs.push(glyph),
            _ => runs.push(Run {
                section,
                glyphs: vec![glyph],
            }),
        }
        place += glyph.chr.len_utf8();
    }
    runs
}

/// The words of a run, each with its place from the row's left edge.
fn words(glyphs: &[&Glyph]) -> Vec<(f32, String)> {
    let mut words: Vec<(f32, String)> = Vec::new();
    let mut within = false;
    for glyph in glyphs {
        if glyph.chr.is_whitespace() {
            within = false;
            continue;
        }
        match words.last_mut() {
            Some((_, word)) if within => word.push(glyph.chr),
            _ => words.push((glyph.pos.x, glyph.chr.to_string())),
        }
        within = true;
    }
    words
}
