//! The icon of a program of Windows: several sizes of one picture in one file.

use std::fs;
use std::path::Path;

use anyhow::{Result, ensure};

use crate::installer::icons;

/// From the list of files to the largest one that Windows shows.
pub(super) const SIZES: [u32; 6] = [16, 24, 32, 48, 64, 256];

/// Draws the picture `svg` into `to`, in every size.
pub(super) fn write(svg: &Path, to: &Path) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut pictures = Vec::new();
    for pixels in SIZES {
        let png = folder.path().join(format!("{pixels}.png"));
        icons::draw(svg, &png, pixels)?;
        pictures.push((pixels, fs::read(png)?));
    }
    fs::write(to, joined(&pictures)?)?;
    Ok(())
}

/// The file: a head, a line of 16 bytes for each picture, and the pictures as PNG, which Windows has read since Vista.
pub(super) fn joined(pictures: &[(u32, Vec<u8>)]) -> Result<Vec<u8>> {
    const HEAD: u32 = 6;
    const LINE: u32 = 16;
    let count = u16::try_from(pictures.len())?;
    let mut file = vec![0, 0, 1, 0];
    file.extend(count.to_le_bytes());
    let mut at = HEAD + LINE * u32::from(count);
    for (pixels, png) in pictures {
        ensure!((1..=256).contains(pixels), "an icon has at most 256 pixels");
        // 256 is written as 0: the field has one byte.
        let side = (pixels % 256) as u8;
        file.extend([side, side, 0, 0, 1, 0, 32, 0]);
        let length = u32::try_from(png.len())?;
        file.extend(length.to_le_bytes());
        file.extend(at.to_le_bytes());
        at += length;
    }
    for (_, png) in pictures {
        file.extend(png);
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_picture_is_where_the_file_says_that_it_is() {
        let pictures = [(16, vec![1; 10]), (256, vec![2; 20])];
        let file = joined(&pictures).unwrap();
        assert_eq!(&file[..6], [0, 0, 1, 0, 2, 0]);
        for (n, (pixels, picture)) in pictures.iter().enumerate() {
            let line = &file[6 + 16 * n..][..16];
            assert_eq!(line[0], (*pixels % 256) as u8);
            let number = |at: usize| u32::from_le_bytes(line[at..at + 4].try_into().unwrap()) as usize;
            assert_eq!(&file[number(12)..number(12) + number(8)], picture);
        }
        assert!(joined(&[(512, Vec::new())]).is_err());
    }
}
