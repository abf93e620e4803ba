//! docs/performance.md: the parts that are measured are written here, between marks; the rest is written by hand.

use std::path::Path;

use crate::curve::{self, Point};
use crate::failure::Failure;
use crate::figures::Figures;

const PAGE: &str = "performance.md";
const PLOT: &str = "performance-curve.svg";

pub(crate) fn record(docs: &Path, date: &str, figures: &Figures, points: &[Point], files: &str) -> Result<(), Failure> {
    let page = docs.join(PAGE);
    let text = std::fs::read_to_string(&page).map_err(Failure::while_trying("docs/performance.md cannot be read"))?;
    let text = replace(&text, "figures", &format!("Measured on {date}:\n\n{}", figures.table()))?;
    let text = replace(&text, "curve", &curve::table(points))?;
    let text = replace(&text, "files", files)?;
    std::fs::write(&page, text).map_err(Failure::while_trying("docs/performance.md cannot be written"))?;
    curve::draw(points, &docs.join(PLOT))
}

/// Replaces what stands between `<!-- name -->` and `<!-- end of name -->`.
fn replace(text: &str, name: &str, with: &str) -> Result<String, Failure> {
    let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- end of {name} -->"));
    let missing = || Failure::new(format!("docs/performance.md has no marks for `{name}`"));
    let (before, rest) = text.split_once(&begin).ok_or_else(missing)?;
    let (_, after) = rest.split_once(&end).ok_or_else(missing)?;
    Ok(format!("{before}{begin}\n{with}\n{end}{after}"))
}

#[cfg(test)]
mod tests {
    use super::replace;

    #[test]
    fn only_what_is_between_the_marks_is_replaced() {
        let text = "a\n<!-- x -->\nold\n<!-- end of x -->\nb";
        assert_eq!(replace(text, "x", "new").unwrap(), "a\n<!-- x -->\n\nnew\n<!-- end of x -->\nb");
        assert!(replace(text, "y", "new").is_err());
    }
}
