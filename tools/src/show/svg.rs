//! A transcript as a sequence diagram: host on the left, modem on the right, time goes down.

use core::fmt::Write as _;
use core::time::Duration;

use nt35e_sim::transcript::Transcript;

use super::{Kind, Row, rows};

/// Lengths are in pixels. A character of the fixed-width fonts is 0.6 of its size wide.
#[cfg(test)]
const CHARACTER: f32 = 7.2;
const LINE: usize = 15;
const MARGIN: usize = 20;
/// Of the host's and the modem's line of life.
const HOST: usize = 130;
const MODEM: usize = 830;
const MEANING: usize = MODEM + 20;
const WIDTH: usize = MEANING + 430;
/// Characters that fit beside what stands at either end.
const SAID_FITS: usize = 94;
const MEANING_FITS: usize = 58;
const NOTE_FITS: usize = 160;

const STYLE: &str = "\
text{font:12px 'DejaVu Sans Mono',Menlo,Consolas,monospace;fill:#1f2933}\
.time{fill:#7b8794;text-anchor:end}.meaning{fill:#52606d}.note{fill:#52606d;font-style:italic}\
.do{font-weight:bold}.tells{fill:#0b6e4f}.end{font-weight:bold;text-anchor:middle}\
line{stroke:#9aa5b1}.arrow{stroke:#3e4c59;stroke-width:1.2}";

/// Draws it.
pub(super) fn drawn(transcript: &Transcript) -> String {
    let mut drawing = Drawing { body: String::new(), y: MARGIN };
    for (key, value) in &transcript.headers {
        drawing.text("header", MARGIN, &format!("{key}: {value}"), NOTE_FITS);
    }
    drawing.y += LINE;
    let top = drawing.y;
    drawing.end("host", HOST);
    drawing.end("modem", MODEM);
    drawing.y += LINE;
    let mut last = None;
    for row in rows(transcript) {
        drawing.row(&row, &mut last);
    }
    let (height, bottom) = (drawing.y + MARGIN, drawing.y);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\">\n\
         <title>{}</title>\n<style>{STYLE}</style>\n<rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#ffffff\"/>\n\
         <defs><marker id=\"head\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\">\
         <path d=\"M0 0L8 4L0 8z\" fill=\"#3e4c59\"/></marker></defs>\n",
        escaped(transcript.header("source").unwrap_or("a transcript"))
    );
    for x in [HOST, MODEM] {
        let _ = writeln!(svg, "<line x1=\"{x}\" y1=\"{}\" x2=\"{x}\" y2=\"{bottom}\"/>", top + 6);
    }
    svg + &drawing.body + "</svg>\n"
}

struct Drawing {
    body: String,
    /// Where the next line of text stands.
    y: usize,
}

impl Drawing {
    fn row(&mut self, row: &Row, last: &mut Option<Duration>) {
        match row.kind {
            Kind::FromHost(at) => self.said(row, at, [HOST, MODEM], last),
            Kind::FromModem(at) => self.said(row, at, [MODEM, HOST], last),
            Kind::Action => {
                self.y += LINE / 2;
                self.text("do", MARGIN, &row.text, NOTE_FITS);
            }
            Kind::Expect => self.text("tells", HOST + 10, &row.text, NOTE_FITS - 16),
            Kind::Comment => self.text("note", MARGIN, row.text.trim_start(), NOTE_FITS),
        }
    }

    /// A line on its arrow, with its time at the left and what it means at the right.
    fn said(&mut self, row: &Row, at: Duration, [from, to]: [usize; 2], last: &mut Option<Duration>) {
        let top = self.y;
        self.text("said", HOST + 10, &row.text, SAID_FITS);
        let below = self.y;
        // What came at once has its time once.
        if last.replace(at) != Some(at) {
            self.y = top;
            self.text("time", HOST - 10, &format!("{} ms", at.as_millis()), usize::MAX);
        }
        if let Some(meaning) = &row.meaning {
            self.y = top;
            self.text("meaning", MEANING, meaning, MEANING_FITS);
        }
        self.y = self.y.max(below);
        let y = below - LINE + 5;
        let _ = writeln!(
            self.body,
            "<line class=\"arrow\" x1=\"{from}\" y1=\"{y}\" x2=\"{to}\" y2=\"{y}\" marker-end=\"url(#head)\"/>"
        );
        self.y += 6;
    }

    fn end(&mut self, name: &str, x: usize) {
        let y = self.y;
        let _ = writeln!(self.body, "<text class=\"end\" x=\"{x}\" y=\"{y}\">{name}</text>");
    }

    /// A text in as many lines as it needs.
    fn text(&mut self, class: &str, x: usize, text: &str, fits: usize) {
        let _ = write!(self.body, "<text class=\"{class}\" x=\"{x}\" y=\"{}\" xml:space=\"preserve\">", self.y);
        let characters: Vec<char> = text.chars().collect();
        for (number, piece) in characters.chunks(fits).enumerate() {
            let piece = escaped(&piece.iter().collect::<String>());
            if number == 0 {
                self.body.push_str(&piece);
            } else {
                self.y += LINE;
                let _ = write!(self.body, "<tspan x=\"{x}\" y=\"{}\">{piece}</tspan>", self.y);
            }
        }
        self.body.push_str("</text>\n");
        self.y += LINE;
    }
}

/// Text that XML can bear: it has no form for most control characters.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            control if control.is_control() => escaped.extend(control.escape_default()),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use core::fmt::Write as _;

    use roxmltree::{Document, Node};

    use super::*;

    fn texts(document: &Document<'_>, class: &str) -> Vec<String> {
        let is = |node: &Node<'_, '_>| node.has_tag_name("text") && node.attribute("class") == Some(class);
        let whole =
            |node: Node<'_, '_>| node.descendants().filter(Node::is_text).filter_map(|node| node.text()).collect();
        document.descendants().filter(is).map(whole).collect()
    }

    #[test]
    fn every_line_occurs_once_in_its_order_and_is_within_the_picture() {
        let mut text = "# source: <a> & \"b\"\n# module: NT35E\n\n! check\n# a remark\n".to_owned();
        let mut expected = Vec::new();
        for number in 0..100 {
            let long = "x".repeat(number * 4);
            let _ = writeln!(text, "> {}ms AT+X={number},\"<&>{long}\"\\r\\n", number * 20);
            let _ = writeln!(text, "< {}ms \\r\\n+X: {number}\\x01\\xff\\r\\n\\r\\nOK\\r\\n", number * 20 + 7);
            expected.extend([
                format!("AT+X={number},\"<&>{long}\""),
                format!("+X: {number}\\x01\\xff"),
                "OK".to_owned(),
            ]);
        }
        text.push_str("= told\u{1}\n");
        let svg = drawn(&text.parse().unwrap());
        let document = Document::parse(&svg).unwrap();
        assert_eq!(texts(&document, "said"), expected);
        assert_eq!(texts(&document, "header"), ["source: <a> & \"b\"", "module: NT35E"]);
        assert_eq!((texts(&document, "do"), texts(&document, "note")), (vec!["check".into()], vec!["a remark".into()]));
        assert_eq!(texts(&document, "tells"), ["told\\u{1}"]);
        assert_eq!(texts(&document, "time").len(), 200, "the lines of one answer share their time");
        assert_eq!(texts(&document, "meaning").len(), 100, "OK is what is known");

        let arrows: Vec<_> = document.descendants().filter(|node| node.attribute("class") == Some("arrow")).collect();
        assert_eq!(arrows.len(), expected.len());
        let height: usize = document.root_element().attribute("height").unwrap().parse().unwrap();
        let mut rows = Vec::new();
        for node in document.descendants().filter(|node| node.has_tag_name("text") || node.has_tag_name("tspan")) {
            let number = |name| node.attribute(name).unwrap().parse::<usize>().unwrap();
            assert!(number("y") < height);
            let class = node.attribute("class");
            if class == Some("said") || class.is_none() {
                let longest = node.text().unwrap_or_default().chars().count() as f32 * CHARACTER;
                assert!(number("x") as f32 + longest < MODEM as f32 || class.is_none(), "{:?}", node.text());
                rows.push(number("y"));
            }
        }
        assert!(rows.windows(2).all(|pair| pair[1] >= pair[0] + LINE), "no line stands on another");
    }
}
