//! `giqa ask`

use super::args::{Ask, AskFormat, Global};
use super::exit::Exit;
use super::{config, interrupt, terminal};
use anyhow::{Context as _, Result, bail};
use giqa_core::{Cells, Context, Decoding, Grid, NormBox, Silent};
use giqa_engine::output::{TextOptions, answer_text};
use giqa_engine::{InspectError, InspectOptions, Inspector, Limits, decode};

/// Runs the command.
pub fn run(global: &Global, args: &Ask) -> Result<Exit> {
    let boxes = args.boxes.iter().map(|b| parse_box(b)).chain(args.cells.iter().map(|c| parse_cells(c)));
    let boxes: Vec<NormBox> = boxes.collect::<Result<_>>()?;
    let host = config::host(global, 1)?;
    let profile = config::profile(&host, args.profile.as_deref())?;
    let image = match decode(&args.image, &Limits::default()) {
        Ok(image) => image,
        Err(error) => {
            terminal::note(&format!("giqa: {error}"));
            return Ok(Exit::SomeFailed);
        }
    };
    let inspector = Inspector::new(profile, InspectOptions::default());
    let cancel = interrupt::token()?;
    let answer = match inspector.ask(&image, &args.question, &boxes, &Context::new(&cancel, &Silent)) {
        Ok(answer) => answer,
        Err(InspectError::Cancelled) => return Ok(Exit::Interrupted),
        Err(error @ InspectError::Model { .. }) => {
            terminal::note(&format!("giqa: {error}"));
            return Ok(Exit::Plugin);
        }
        Err(error) => return Err(error.into()),
    };
    match args.format {
        AskFormat::Json => terminal::print(&format!("{}\n", serde_json::to_string_pretty(&answer)?))?,
        AskFormat::Text => {
            let options = TextOptions { width: terminal::width(), color: terminal::stdout_color(global.color) };
            terminal::print(&answer_text(&answer, &options))?;
        }
    }
    Ok(Exit::Done)
}

fn parse_box(text: &str) -> Result<NormBox> {
    let numbers: Vec<f64> = text
        .split(',')
        .map(|n| n.trim().parse::<f64>())
        .collect::<Result<_, _>>()
        .with_context(|| format!("--box {text}: expected four numbers, x1,y1,x2,y2"))?;
    let [x1, y1, x2, y2] = numbers[..] else { bail!("--box {text}: expected four numbers, x1,y1,x2,y2") };
    if x1 == x2 || y1 == y2 {
        bail!("--box {text}: there is nothing in it");
    }
    NormBox::new(x1, y1, x2, y2).with_context(|| format!("--box {text}"))
}

fn parse_cells(text: &str) -> Result<NormBox> {
    let numbers: Vec<u16> = text
        .split(',')
        .map(|n| n.trim().parse::<u16>())
        .collect::<Result<_, _>>()
        .with_context(|| format!("--cells {text}: expected two cell numbers, l,r"))?;
    let [l, r] = numbers[..] else { bail!("--cells {text}: expected two cell numbers, l,r") };
    Grid::GIQA.decode(Cells { l, r }, Decoding::Cells).with_context(|| {
        format!("--cells {text}: expected cells from 0 to 399, the second right of and below the first")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_as_people_type_them() {
        assert_eq!(parse_box("0, 0.5,1,1").unwrap(), NormBox::new(0.0, 0.5, 1.0, 1.0).unwrap());
        assert_eq!(parse_cells("0,399").unwrap(), NormBox::FULL);
        for bad in ["1,2,3", "a,b,c,d", "0,0,2,1", "0.5,0,0.4,1", "0.5,0,0.5,1", "NaN,0,1,1"] {
            assert!(parse_box(bad).unwrap_err().to_string().contains(bad), "{bad}");
        }
        for bad in ["1", "5,2", "0,400", "-1,3"] {
            assert!(parse_cells(bad).unwrap_err().to_string().contains(bad), "{bad}");
        }
    }
}
