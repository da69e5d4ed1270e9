//! What happens at the cursor on a connection of HTTP/1.1: the latest head, and whether its content is all there.

use super::MAX_TEXT;
use crate::report::text::one_line;
use crate::trace::{
    Carrier, Connection, Cursor, Http1, MessageEnd, MessageKind, MessageRow, Moment, Read, Symbol,
};
use crate::ui::widgets::format;
use crate::wire::http1::meaning;

/// The sentence for the cursor, with the packet's number before it.
pub(super) fn at_cursor(connection: &Connection, http1: &Http1, cursor: Option<Cursor>) -> String {
    let read = Read::at(connection, cursor);
    let messages = http1.messages();
    let has_come = |row: &MessageRow| read.has(Moment::Packet(row.head_packet));
    let count = messages.partition_point(has_come);
    let Some(row) = count.checked_sub(1).and_then(|last| messages.get(last)) else {
        return "Nothing has been asked yet on this connection of HTTP/1.1.".to_owned();
    };
    let whole = read.has(Moment::Packet(row.last_packet)) && row.end == MessageEnd::Whole;
    let still = match whole || row.content_bytes == 0 {
        true => "",
        false => ", whose content is still on its way",
    };
    format!(
        "Packet {}: {}{still}.",
        row.head_packet.number(),
        sentence(connection, row)
    )
}

/// What a message does, without the full stop.
fn sentence(connection: &Connection, row: &MessageRow) -> String {
    let who = connection.direction(row.side).name();
    let place = Carrier::Exchange(row.exchange);
    let text = |symbol: Option<Symbol>| {
        let text = symbol.map(|symbol| connection.text_lossy(symbol));
        text.map_or_else(|| "?".to_owned(), |text| one_line(&text, MAX_TEXT))
    };
    match row.kind {
        MessageKind::Request => {
            let (method, target) = (text(row.method), text(row.target));
            let content = content_words(row);
            format!("the {who} sends {method} for {target}{content}, {place}")
        }
        MessageKind::Interim => format!(
            "the {who} answers {} for the time being, {place}: {}",
            row.status,
            without_stop(meaning::status(row.status).text)
        ),
        MessageKind::Response => format!(
            "the {who} answers {}{}, {place}: {}",
            row.status,
            content_words(row),
            without_stop(meaning::status(row.status).text)
        ),
    }
}

fn content_words(row: &MessageRow) -> String {
    match row.content_bytes {
        0 => String::new(),
        bytes => format!(" with {}", format::bytes(bytes)),
    }
}

fn without_stop(text: &str) -> &str {
    text.strip_suffix('.').unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use crate::trace::Cursor;
    use crate::ui::views::testing::World;

    #[test]
    fn each_head_is_told_when_it_comes() {
        let mut world = World::of_capture("http1-programs.pcapng");
        let connection = world.trace.connection(world.connection.unwrap()).unwrap();
        let packets: Vec<_> = (connection.http1().unwrap().messages().iter())
            .map(|row| row.head_packet)
            .collect();
        let mut said = |at: usize| {
            world.cursor = Some(Cursor::after_packet(packets[at]));
            world.read(super::super::at_cursor)
        };
        let first = said(0);
        assert!(
            first.ends_with("the client sends GET for /index.html, exchange 0."),
            "{first}"
        );
        let third = said(5);
        assert!(
            third.contains("the server answers 304, exchange 2"),
            "{third}"
        );
        assert!(third.contains("still good"), "{third}");
        world.cursor = None;
        let before = world.read(super::super::at_cursor);
        assert!(before.starts_with("Nothing has been asked yet"), "{before}");
    }
}
