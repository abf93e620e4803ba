//! The plot: for each scenario how many sign-ins reach the server in each second.

use std::path::Path;

use plotters::prelude::{
    ChartBuilder, Color as _, IntoDrawingArea as _, RGBColor, Rectangle, SVGBackend, TextStyle, WHITE,
};

use crate::fleet::Outage;

const COLOUR: RGBColor = RGBColor(40, 90, 170);
const WIDTH: u32 = 760;
const PANEL: u32 = 210;

pub(crate) fn draw(panels: &[(&str, Outage)], file: &Path) -> Result<(), Box<dyn core::error::Error>> {
    let area = SVGBackend::new(file, (WIDTH, PANEL * panels.len() as u32)).into_drawing_area();
    area.fill(&WHITE)?;
    for ((name, outage), panel) in panels.iter().zip(area.split_evenly((panels.len(), 1))) {
        let seconds = outage.sign_ins.last().map_or(1, |at| at / 1_000 + 1);
        let mut counts = vec![0_u64; seconds as usize];
        for at in &outage.sign_ins {
            counts[(at / 1_000) as usize] += 1;
        }
        let most = counts.iter().copied().max().unwrap_or(1);
        let mut chart = ChartBuilder::on(&panel)
            .caption(name, TextStyle::from(("sans-serif", 14)))
            .margin(8)
            .x_label_area_size(34)
            .y_label_area_size(50)
            .build_cartesian_2d(0..seconds, 0..most + most / 10 + 1)?;
        chart
            .configure_mesh()
            .x_desc("seconds since the server is there again")
            .y_desc("sign-ins a second")
            .light_line_style(WHITE)
            .draw()?;
        let bar = |(second, count): (usize, &u64)| {
            Rectangle::new([(second as u64, 0), (second as u64 + 1, *count)], COLOUR.filled())
        };
        chart.draw_series(counts.iter().enumerate().map(bar))?;
    }
    area.present()?;
    Ok(())
}
