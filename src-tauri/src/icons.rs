//! The icon of the program, with a dot on it while something waits for the owner.

use tauri::image::Image;

const OURS: &[u8] = include_bytes!("../icons/128x128.png");
/// Beside `brand.json`, where there is a brand.
const OF_BRAND: &str = "icon.png";
/// Attention and danger, as the interface has them.
const WAITING: [u8; 3] = [0xb0, 0x4d, 0x14];
const TROUBLE: [u8; 3] = [0xb3, 0x26, 0x1e];

/// What an icon says without words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Mark {
    #[default]
    Well,
    /// A person is asked for.
    Waiting,
    /// Something has to be mended.
    Trouble,
}

impl Mark {
    pub(crate) fn of(outlook: &app::Outlook) -> Self {
        if outlook.in_trouble() {
            Mark::Trouble
        } else if outlook.waiting > 0 {
            Mark::Waiting
        } else {
            Mark::Well
        }
    }
}

/// The brand's own icon, where it brings one.
pub(crate) fn of_brand() -> Option<Image<'static>> {
    let file = app::shared()?.join(OF_BRAND);
    if !file.is_file() {
        return None;
    }
    Image::from_path(file).map(Image::to_owned).ok()
}

/// The icon with its mark.
pub(crate) fn marked(mark: Mark) -> tauri::Result<Image<'static>> {
    let icon = match of_brand() {
        Some(icon) => icon,
        None => Image::from_bytes(OURS)?.to_owned(),
    };
    let colour = match mark {
        Mark::Well => return Ok(icon),
        Mark::Waiting => WAITING,
        Mark::Trouble => TROUBLE,
    };
    let (width, height) = (icon.width(), icon.height());
    let mut pixels = icon.rgba().to_vec();
    draw_dot(&mut pixels, width, height, colour);
    Ok(Image::new_owned(pixels, width, height))
}

/// A round dot in the lower right corner, with a gap around it so that it is seen on any picture.
fn draw_dot(pixels: &mut [u8], width: u32, height: u32, colour: [u8; 3]) {
    let side = f64::from(width.min(height));
    let (radius, gap) = (side * 0.22, side * 0.05);
    let (x0, y0) = (f64::from(width) - radius - 1.0, f64::from(height) - radius - 1.0);
    // One pixel of each edge is half transparent, else it looks sawn.
    let inside = |distance: f64, radius: f64| (radius - distance + 0.5).clamp(0.0, 1.0);
    for (place, pixel) in pixels.chunks_exact_mut(4).enumerate() {
        let place = u32::try_from(place).unwrap_or(u32::MAX);
        let (x, y) = (f64::from(place % width) + 0.5, f64::from(place / width) + 0.5);
        let distance = (x - x0).hypot(y - y0);
        let (cut, dot) = (inside(distance, radius + gap), inside(distance, radius));
        if cut > 0.0 {
            let kept = f64::from(pixel[3]) / 255.0 * (1.0 - cut);
            let alpha = dot + kept * (1.0 - dot);
            for (channel, ink) in pixel.iter_mut().zip(colour) {
                let mixed = f64::from(ink) * dot + f64::from(*channel) * kept * (1.0 - dot);
                *channel = if alpha > 0.0 { (mixed / alpha).round() as u8 } else { 0 };
            }
            pixel[3] = (alpha * 255.0).round() as u8;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pixel(icon: &Image<'_>, x: u32, y: u32) -> [u8; 4] {
        let at = ((y * icon.width() + x) * 4) as usize;
        icon.rgba()[at..at + 4].try_into().unwrap()
    }

    #[test]
    fn a_dot_says_that_somebody_waits_or_that_something_is_wrong() {
        let plain = marked(Mark::Well).unwrap();
        let (right, low) = (plain.width() - 20, plain.height() - 20);
        for (mark, colour) in [(Mark::Waiting, WAITING), (Mark::Trouble, TROUBLE)] {
            let icon = marked(mark).unwrap();
            assert_eq!((icon.width(), icon.height()), (plain.width(), plain.height()));
            assert_eq!(pixel(&icon, right, low), [colour[0], colour[1], colour[2], 255], "{mark:?}");
            assert_eq!(pixel(&icon, 40, 40), pixel(&plain, 40, 40), "the rest stays as it was");
        }
    }

    #[test]
    fn trouble_is_said_before_waiting() {
        let people = app::Outlook { waiting: 2, ..app::Outlook::default() };
        assert_eq!(Mark::of(&app::Outlook::default()), Mark::Well);
        assert_eq!(Mark::of(&people), Mark::Waiting);
        assert_eq!(Mark::of(&app::Outlook { disk_low: true, ..people }), Mark::Trouble);
    }
}
