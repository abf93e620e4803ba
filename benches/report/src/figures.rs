//! The table: each figure of nt35e with its budget, and what atat costs.

use crate::failure::Failure;
use crate::firmware::{Bench, REGISTRATION, Report, SIGNING, THING_MODEL, UPDATES};
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
        let (client_size, supervised_size) = (size(&client)?, size(&bench.image("supervised"))?);
        let harness = bench.run("empty")?;
        let (engine, client, atat) = (bench.run("engine")?, bench.run("client")?, bench.run("atat")?);
        let (supervised, marginal) = (bench.run("supervised")?, bench.run("marginal")?);
        let objects = |report: &Report| report.number("objects");
        let [unsigned, sha256, sha1, md5] = SIGNING.map(|name| size(&bench.image(name)));
        let unsigned = unsigned?.flash;
        let signing = |size: Size| (size.flash - unsigned) as f64;
        let (harness_of_signing, sign) = (bench.run(SIGNING[0])?, bench.run(SIGNING[1])?);
        for name in &SIGNING[2..] {
            bench.run(name)?;
        }
        let added = |[without, with]: [&str; 2]| {
            Ok((size(&bench.image(with))?.flash - size(&bench.image(without))?.flash) as f64)
        };
        let both = |[without, with]: [&str; 2]| Ok((bench.run(without)?, bench.run(with)?));
        let (_, registering) = both(REGISTRATION)?;
        let (topics, thing) = both(THING_MODEL)?;
        let (_, update) = both(UPDATES)?;
        let by_thing_model = |name: &str| Ok(thing.instructions(name)? - topics.instructions(name)?);
        let flash = |size: Size| (size.flash - empty.flash) as f64;
        let ram = |size: Size, report: &Report| Ok((size.ram - empty.ram + report.number("objects")?) as f64);
        let instructions = |report: &Report, name: &str| Ok(report.instructions(name)? - harness.instructions(name)?);
        let per_byte = |report: &Report, name: &str| Ok(report.per_byte(name)? - harness.per_byte(name)?);
        let stack = |report: &Report| Ok(report.number("stack")? as f64);
        let figure = |name, value, goal, budget| Figure { name, value, atat: None, goal, budget };
        let compared = |name, value: f64, atat: f64, goal, budget| Figure {
            name,
            value,
            atat: Some(atat),
            goal: Some(goal),
            budget,
        };
        Ok(Self(vec![
            compared("flash, engine and six commands", flash(engine_size), flash(atat_size), 8192.0, 8750.0),
            figure("flash, the whole client", flash(client_size), None, 16_500.0),
            figure("flash, the whole client with its supervisor", flash(supervised_size), None, 26_000.0),
            figure("flash, signing by the host with HMAC-SHA256", signing(sha256?), Some(5120.0), 4_450.0),
            figure("flash, signing by the host with HMAC-SHA1", signing(sha1?), None, 6_700.0),
            figure("flash, signing by the host with HMAC-MD5", signing(md5?), None, 5_450.0),
            figure("flash, registering by the secret of a product", added(REGISTRATION)?, None, 4_750.0),
            figure("stack, to sign with HMAC-SHA256", stack(&sign)?, Some(2048.0), 2_000.0),
            figure(
                "instructions to sign with HMAC-SHA256",
                sign.instructions("sign")? - harness_of_signing.instructions("sign")?,
                None,
                28_000.0,
            ),
            figure("flash, the thing model", added(THING_MODEL)?, Some(6144.0), 7_000.0),
            figure("flash, updates with SHA-256", added(UPDATES)?, Some(6144.0), 9_600.0),
            figure("stack, updates", stack(&update)?, None, 1_900.0),
            figure("stack, the thing model", stack(&thing)?, Some(2048.0), 1_700.0),
            figure("instructions to write a post of five properties", by_thing_model("post")?, None, 10_000.0),
            figure("instructions to read the reply to it", by_thing_model("reply")?, None, 7_500.0),
            figure("instructions to read a set of three and answer it", by_thing_model("set")?, None, 14_000.0),
            compared(
                "RAM, with an inbox of 512 bytes",
                ram(engine_size, &engine)?,
                ram(atat_size, &atat)?,
                1228.0,
                1080.0,
            ),
            compared("stack", stack(&engine)?, stack(&atat)?, 1024.0, 400.0),
            figure("stack, the whole client", stack(&client)?, Some(1024.0), 700.0),
            figure("stack, the whole client with its supervisor", stack(&supervised)?, Some(1024.0), 900.0),
            figure("stack, registering and signing in", stack(&registering)?, None, 1_800.0),
            figure(
                "RAM of the supervisor, without its outbox",
                (objects(&supervised)? - objects(&client)?) as f64,
                None,
                740.0,
            ),
            compared(
                "instructions to configure, open, connect, subscribe, publish",
                instructions(&engine, "session")?,
                instructions(&atat, "session")?,
                25_000.0,
                18_000.0,
            ),
            figure(
                "instructions to get in step before the first command",
                instructions(&engine, "prepare")?,
                None,
                3_900.0,
            ),
            compared(
                "instructions a received byte, singly",
                per_byte(&engine, "singly")?,
                per_byte(&atat, "singly")?,
                40.0,
                27.5,
            ),
            compared(
                "instructions a received byte, in chunks of 64",
                per_byte(&engine, "chunked")?,
                per_byte(&atat, "chunked")?,
                15.0,
                15.0,
            ),
            figure(
                "instructions a published byte, in the line",
                marginal.per_byte("published in the line")?,
                Some(15.0),
                9.0,
            ),
            figure(
                "instructions a published byte, by prompt",
                marginal.per_byte("published by prompt")?,
                Some(15.0),
                2.0,
            ),
            figure("framer alone: a byte, singly", marginal.per_byte("framer singly")?, None, 26.0),
            figure("framer alone: a byte, in chunks of 64", marginal.per_byte("framer chunked")?, None, 15.0),
            figure("payload alone: a byte, singly", marginal.per_byte("payload singly")?, None, 18.0),
            figure("payload alone: a byte, in chunks of 64", marginal.per_byte("payload chunked")?, None, 4.0),
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
