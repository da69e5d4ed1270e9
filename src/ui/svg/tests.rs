use super::*;
use egui::epaint::{Mesh, TextShape};
use egui::{CornerRadius, FontId, Stroke, StrokeKind, pos2, vec2};

const SIZE: Rect = Rect::from_min_max(pos2(0.0, 0.0), pos2(100.0, 50.0));

fn svg(shapes: Vec<(Rect, Shape)>) -> String {
    let shapes: Vec<ClippedShape> = shapes
        .into_iter()
        .map(|(clip, shape)| ClippedShape::new(clip, shape))
        .collect();
    write(
        &shapes,
        SIZE,
        Color32::BLACK,
        "a <test>",
        &Pictures::default(),
    )
}

fn body(shapes: Vec<(Rect, Shape)>) -> String {
    let file = svg(shapes);
    let lines = file.lines().skip(1).filter(|line| {
        !line.starts_with("<title") && !line.ends_with("height=\"50\" fill=\"#000000\"/>")
    });
    let lines: Vec<&str> = lines.take_while(|line| *line != "</svg>").collect();
    lines.join("\n")
}

fn rect(x: f32, y: f32, width: f32, height: f32) -> Rect {
    Rect::from_min_size(pos2(x, y), vec2(width, height))
}

#[test]
fn the_file_says_its_size_its_ground_and_what_it_is() {
    let file = svg(Vec::new());
    assert!(file.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"100\" height=\"50\" viewBox=\"0 0 100 50\""));
    assert!(file.contains("<title>a &lt;test&gt;</title>"));
    assert!(file.contains("fill=\"#000000\""));
    assert!(file.ends_with("</svg>\n"));
}

#[test]
fn neighbours_of_one_colour_are_one_path_unless_they_are_seen_through() {
    let red = Color32::from_rgb(255, 0, 0);
    let boxes = |colour: Color32| {
        [1.0, 11.0]
            .map(|x| {
                (
                    SIZE,
                    Shape::rect_filled(rect(x, 1.0, 4.0, 5.0), 0.0, colour),
                )
            })
            .to_vec()
    };
    assert_eq!(
        body(boxes(red)),
        "<path d=\"M1 1h4v5H1ZM11 1h4v5H11Z\" fill=\"#ff0000\"/>"
    );
    let seen_through = body(boxes(Color32::from_rgba_unmultiplied(255, 0, 0, 128)));
    assert_eq!(seen_through.lines().count(), 2);
    assert!(seen_through.contains("fill=\"#ff0000\" fill-opacity=\"0.5\""));
}

#[test]
fn only_what_is_cut_has_a_clip_and_what_is_outside_is_left_out() {
    let half = rect(0.0, 0.0, 50.0, 50.0);
    let shape = |x: f32| Shape::circle_filled(pos2(x, 20.0), 5.0, Color32::WHITE);
    assert!(!body(vec![(half, shape(20.0))]).contains("clip"));
    assert_eq!(body(vec![(half, shape(80.0))]), "");
    let cut = svg(vec![(half, shape(50.0)), (half, shape(49.0))]);
    assert_eq!(cut.matches("<clipPath").count(), 1);
    assert_eq!(cut.matches("<g clip-path=\"url(#c0)\">").count(), 1);
    assert_eq!(cut.matches("</g>").count(), 1);
}

#[test]
fn an_outline_lies_inside_or_outside_as_egui_paints_it() {
    let frame = |kind| {
        let stroke = Stroke::new(2.0, Color32::WHITE);
        let round = CornerRadius::same(4);
        Shape::rect_stroke(rect(10.0, 10.0, 20.0, 10.0), round, stroke, kind)
    };
    let inside = body(vec![(SIZE, frame(StrokeKind::Inside))]);
    assert!(
        inside.contains("x=\"11\" y=\"11\" width=\"18\" height=\"8\" rx=\"3\""),
        "{inside}"
    );
    let outside = body(vec![(SIZE, frame(StrokeKind::Outside))]);
    assert!(
        outside.contains("x=\"9\" y=\"9\" width=\"22\" height=\"12\" rx=\"5\""),
        "{outside}"
    );
}

#[test]
fn no_attribute_stands_twice_in_any_shape() {
    let stroke = Stroke::new(1.5, Color32::WHITE);
    let at = pos2(20.0, 20.0);
    let points = vec![at, pos2(30.0, 20.0), pos2(30.0, 30.0)];
    let red = Color32::RED;
    let shapes = [
        Shape::circle_stroke(at, 5.0, stroke),
        Shape::circle_filled(at, 5.0, red),
        Shape::ellipse_stroke(at, vec2(5.0, 3.0), stroke),
        Shape::line_segment([at, pos2(40.0, 25.0)], stroke),
        Shape::line(points.clone(), stroke),
        Shape::closed_line(points.clone(), stroke),
        Shape::convex_polygon(points, red, stroke),
        Shape::rect_filled(rect(1.0, 1.0, 9.0, 9.0), 3.0, red),
        Shape::rect_stroke(rect(1.0, 1.0, 9.0, 9.0), 3.0, stroke, StrokeKind::Inside),
    ];
    for shape in shapes {
        let element = body(vec![(SIZE, shape)]);
        let names: Vec<&str> = element
            .split(' ')
            .filter_map(|part| Some(part.split_once("=\"")?.0))
            .collect();
        let distinct: std::collections::BTreeSet<&str> = names.iter().copied().collect();
        assert!(
            !names.is_empty() && names.len() == distinct.len(),
            "{element}"
        );
    }
}

#[test]
fn two_triangles_of_a_mesh_become_a_rectangle_and_others_stay_triangles() {
    let mut mesh = Mesh::default();
    mesh.add_colored_rect(rect(1.0, 2.0, 3.0, 4.0), Color32::WHITE);
    for point in [pos2(10.0, 0.0), pos2(20.0, 0.0), pos2(15.0, 9.0)] {
        mesh.colored_vertex(point, Color32::WHITE);
    }
    mesh.add_triangle(4, 5, 6);
    assert_eq!(
        body(vec![(SIZE, Shape::mesh(mesh))]),
        "<path d=\"M1 2h3v4H1ZM10 0L20 0L15 9Z\" fill=\"#ffffff\"/>"
    );
}

#[test]
fn a_mesh_that_names_corners_it_does_not_have_is_drawn_without_them() {
    let mesh = Mesh {
        indices: vec![0, 1, 2, 7],
        ..Mesh::default()
    };
    assert_eq!(body(vec![(SIZE, Shape::Mesh(mesh.into()))]), "");
}

#[test]
fn words_stand_where_they_were_laid_out_and_keep_their_letters() {
    let ctx = egui::Context::default();
    let mut shapes = Vec::new();
    let mut output = ctx.run_ui(egui::RawInput::default(), |ui| {
        let mono = FontId::monospace(10.0);
        let text = "a <b> & \"c\"\u{1}".to_owned();
        let galley = ui.painter().layout_no_wrap(text, mono, Color32::WHITE);
        shapes = vec![(
            SIZE,
            Shape::Text(TextShape::new(pos2(5.0, 10.0), galley, Color32::WHITE)),
        )];
    });
    output.textures_delta.clear();
    let text = body(shapes);
    assert!(text.contains(">a </tspan>"), "{text}");
    assert!(text.contains(">&lt;b&gt; </tspan>"), "{text}");
    assert!(text.contains(">&quot;c&quot;"), "{text}");
    assert!(
        text.contains("font-size=\"10\"") && text.contains("monospace"),
        "{text}"
    );
    assert!(!text.contains('\u{1}'));
    assert!(text.contains("<tspan x=\"5\">a"), "{text}");
}
