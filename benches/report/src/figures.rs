//! The table: each figure of nt35e with its budget, and what atat costs.

use crate::failure::Failure;
use crate::firmware::{Bench, Report};
use crate::image::{Size, size};

/// One line of the table.
#[derive(Debug)]
pub(crate) struct Figure {
    name: &'static str,
    value: f64,
    atat: Option<f64>,
    /// What we want to reach at least.
    goal: Option<f64>,
    /// What it must not exceed from now on: the goal where it is reached, else a little more than it is today.
    budget: f64,
}

#[derive(Debug)]
pub(crate) struct Figures(Vec<Figure>);

impl Figures {
    pub(crate) fn measure(bench: &Bench) -> Result<Self, Failure> {
        let [empty, engine, client, atat] = ["empty", "engine", "client", "atat"].map(|name| bench.image(name));
        let (empty, engine_size, atat_size) = (size(&empty)?, size(&engine)?, size(&atat)?);
        let client_size = size(&client)?;
        let (engine, client, atat) = (bench.run("engine")?, bench.run("client")?, bench.run("atat")?);
        let marginal = bench.run("marginal")?;
        let net = |size: Size| (size.flash - empty.flash) as f64;
        let ram = |size: Size, report: &Report| Ok((size.ram - empty.ram + report.number("objects")?) as f64);
        let figure = |name, value, atat, goal, budget| Figure { name, value, atat, goal, budget };
        Ok(Self(vec![
            figure("flash, engine and six commands", net(engine_size), Some(net(atat_size)), Some(8192.0), 15_100.0),
            figure("flash, the whole client", net(client_size), None, None, 22_600.0),
            figure(
                "RAM, with an inbox of 512 bytes",
                ram(engine_size, &engine)?,
                Some(ram(atat_size, &atat)?),
                Some(1228.0),
                1228.0,
            ),
            figure("stack", engine.number("stack")? as f64, Some(atat.number("stack")? as f64), Some(1024.0), 1024.0),
            figure("stack, the whole client", client.number("stack")? as f64, None, Some(1024.0), 1024.0),
            figure(
                "instructions to configure, open, connect, subscribe, publish",
                engine.instructions("session")?,
                Some(atat.instructions("session")?),
                Some(25_000.0),
                25_000.0,
            ),
            figure(
                "instructions to get in step before the first command",
                engine.instructions("prepare")?,
                None,
                None,
                3_900.0,
            ),
            figure(
                "instructions a received byte, singly",
                engine.per_byte("singly")?,
                Some(atat.per_byte("singly")?),
                Some(40.0),
                37.0,
            ),
            figure(
                "instructions a received byte, in chunks of 64",
                engine.per_byte("chunked")?,
                Some(atat.per_byte("chunked")?),
                Some(15.0),
                15.0,
            ),
            figure(
                "instructions a published byte, in the line",
                marginal.per_byte("published in the line")?,
                None,
                Some(15.0),
                15.0,
            ),
            figure(
                "instructions a published byte, by prompt",
                marginal.per_byte("published by prompt")?,
                None,
                Some(15.0),
                15.0,
            ),
            figure("framer alone: a byte, singly", marginal.per_byte("framer singly")?, None, None, 32.0),
            figure("framer alone: a byte, in chunks of 64", marginal.per_byte("framer chunked")?, None, None, 9.0),
            figure("payload alone: a byte, singly", marginal.per_byte("payload singly")?, None, None, 25.0),
            figure("payload alone: a byte, in chunks of 64", marginal.per_byte("payload chunked")?, None, None, 4.0),
        ]))
    }

    /// In Markdown, aligned so that it reads well in a terminal too.
    pub(crate) fn table(&self) -> String {
        let row = |name: &str, cells: [&str; 4]| {
            let [value, atat, goal, budget] = cells;
            format!("| {name:60} | {value:>8} | {atat:>9} | {goal:>7} | {budget:>7} |\n")
        };
        let mut text = row("", ["nt35e", "atat 0.25", "goal", "budget"]);
        text += &row(&"-".repeat(60), ["-------:", "--------:", "------:", "------:"]);
        for figure in &self.0 {
            let Figure { name, value, atat, goal, budget } = figure;
            let cells = [Some(*value), *atat, *goal, Some(*budget)].map(rounded);
            text += &row(name, cells.each_ref().map(String::as_str));
        }
        text
    }

    /// Fails, and names them, if figures are over their budgets.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        let over = self.0.iter().filter(|figure| figure.value > figure.budget);
        let over: Vec<String> = over
            .map(|figure| format!("{}: {:.1}, and {} are allowed", figure.name, figure.value, figure.budget))
            .collect();
        if over.is_empty() { Ok(()) } else { Err(Failure::new(format!("over budget: {}", over.join("; ")))) }
    }
}

fn rounded(value: Option<f64>) -> String {
    match value {
        None => String::new(),
        Some(value) if value < 100.0 => format!("{value:.1}"),
        Some(value) => format!("{value:.0}"),
    }
}
