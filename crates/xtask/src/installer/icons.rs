//! The set of icons, drawn from one SVG.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::process;

/// What desktops ask for, in pixels.
pub(crate) const SIZES: [u32; 7] = [16, 32, 48, 64, 128, 256, 512];
const LIMIT: Duration = Duration::from_secs(60);

/// Draws `svg` into `png`, so many pixels wide and high.
pub(crate) fn draw(svg: &Path, png: &Path, pixels: u32) -> Result<()> {
    let size = pixels.to_string();
    let mut command = process::command("rsvg-convert", &["--width", &size, "--height", &size, "--output"]);
    command.arg(png).arg(svg);
    process::run(&mut command, LIMIT).context("Icons are drawn by rsvg-convert: install librsvg2-bin")
}
