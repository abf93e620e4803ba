//! The cost of a received byte by the length of the payload, as a table and as a plot.

use core::fmt::Write as _;
use std::path::Path;

use plotters::prelude::{
    ChartBuilder, IntoDrawingArea as _, IntoLogRange as _, LineSeries, PathElement, RGBColor, SVGBackend, WHITE,
};

use crate::failure::Failure;
use crate::firmware::{Bench, instructions};

/// One length of payload: instructions for each byte of the whole message.
#[derive(Debug)]
pub(crate) struct Point {
    length: u64,
    /// Byte by byte, in chunks of 64, and read in pieces where the inbox is too small.
    costs: [Option<f64>; 3],
}

const SERIES: [(&str, RGBColor); 3] = [
    ("one byte at a time", RGBColor(200, 70, 50)),
    ("in chunks of 64", RGBColor(40, 90, 170)),
    ("in chunks of 64, read in pieces", RGBColor(60, 140, 80)),
];

pub(crate) fn measure(bench: &Bench) -> Result<Vec<Point>, Failure> {
    let report = bench.run("curve")?;
    let point = |row: &Vec<u64>| match row.as_slice() {
        &[length, bytes, ref ticks @ ..] if ticks.len() == 3 => {
            let cost = |ticks: u64| (ticks > 0).then(|| instructions(ticks) / bytes as f64);
            Some(Point { length, costs: [cost(ticks[0]), cost(ticks[1]), cost(ticks[2])] })
        }
        _ => None,
    };
    let points: Option<Vec<Point>> = report.curve().iter().map(point).collect();
    points.ok_or_else(|| Failure::new(format!("the curve is not as expected: {report:?}")))
}

pub(crate) fn table(points: &[Point]) -> String {
    let mut text =
        String::from("| payload | one byte at a time | in chunks of 64 | read in pieces |\n|---:|---:|---:|---:|\n");
    for Point { length, costs } in points {
        let [singly, chunked, pieces] = costs.map(|cost| cost.map_or(String::new(), |cost| format!("{cost:.1}")));
        let _ = writeln!(text, "| {length} | {singly} | {chunked} | {pieces} |");
    }
    text
}

pub(crate) fn draw(points: &[Point], file: &Path) -> Result<(), Failure> {
    draw_with_plotters(points, file).map_err(|error| Failure::new(format!("the curve cannot be drawn: {error}")))
}

fn draw_with_plotters(points: &[Point], file: &Path) -> Result<(), Box<dyn core::error::Error>> {
    let area = SVGBackend::new(file, (760, 420)).into_drawing_area();
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .margin(16)
        .x_label_area_size(44)
        .y_label_area_size(56)
        .build_cartesian_2d((14.0..9000.0).log_scale(), 0.0..80.0)?;
    chart
        .configure_mesh()
        .x_desc("bytes of payload")
        .y_desc("instructions for each byte of the message")
        .x_label_formatter(&|length| format!("{length:.0}"))
        .light_line_style(WHITE)
        .draw()?;
    for (index, (name, colour)) in SERIES.into_iter().enumerate() {
        let line = points.iter().filter_map(|point| Some((point.length as f64, point.costs[index]?)));
        chart
            .draw_series(LineSeries::new(line, colour).point_size(3))?
            .label(name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], colour));
    }
    chart.configure_series_labels().border_style(RGBColor(180, 180, 180)).background_style(WHITE).draw()?;
    area.present()?;
    Ok(())
}
