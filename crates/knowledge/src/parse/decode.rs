//! Bytes to text in whatever encoding they are: a mark at the start, UTF-16, UTF-8, what was declared, or a good guess.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// `charset` of a content type.
pub(super) fn charset_of_mime(mime: &str) -> Option<String> {
    mime.split(';')
        .skip(1)
        .filter_map(|p| p.split_once('='))
        .find(|(k, _)| k.trim().eq_ignore_ascii_case("charset"))
        .map(|(_, v)| v.trim().trim_matches(['"', '\'']).to_string())
}

/// UTF-16, with or without a mark: nearly every other byte of a Western text is zero.
pub(super) fn utf16(bytes: &[u8]) -> Option<&'static Encoding> {
    match bytes {
        [0xff, 0xfe, ..] => return Some(UTF_16LE),
        [0xfe, 0xff, ..] => return Some(UTF_16BE),
        _ => {}
    }
    let sample = &bytes[..bytes.len().min(4096) & !1];
    if sample.len() < 8 {
        return None;
    }
    let zeros = |at: usize| sample.iter().skip(at).step_by(2).filter(|b| **b == 0).count();
    let (even, odd, half) = (zeros(0), zeros(1), sample.len() / 2);
    if odd * 10 > half * 7 && even * 20 < half {
        Some(UTF_16LE)
    } else if even * 10 > half * 7 && odd * 20 < half {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// A text. What the bytes prove wins over what was declared, for declarations are often wrong.
pub(super) fn text(bytes: &[u8], charset: Option<&str>) -> String {
    let encoding = if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        encoding
    } else if let Some(encoding) = utf16(bytes) {
        encoding
    } else if is_utf8(bytes) {
        UTF_8
    } else if let Some(encoding) = charset.and_then(|c| Encoding::for_label(c.as_bytes())).filter(|e| *e != UTF_8) {
        encoding
    } else {
        let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
        detector.feed(&bytes[..bytes.len().min(1 << 20)], true);
        detector.guess(None, Utf8Detection::Deny)
    };
    encoding.decode(bytes).0.into_owned()
}

/// Likewise, looking for the declaration inside of the page too.
pub(super) fn html(bytes: &[u8], charset: Option<&str>) -> String {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(2048)]).to_ascii_lowercase();
    let declared = head.find("charset=").map(|at| {
        let rest = head[at + 8..].trim_start_matches(['"', '\'']);
        rest.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':')).collect::<String>()
    });
    text(bytes, charset.or(declared.as_deref()))
}

/// One broken character, as at the end of a cut file, does not make a text something else.
fn is_utf8(bytes: &[u8]) -> bool {
    match std::str::from_utf8(bytes) {
        Ok(_) => true,
        Err(e) => bytes.len() - e.valid_up_to() < 4 && e.valid_up_to() > 0 && !bytes[..e.valid_up_to()].is_ascii(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_from_old_and_foreign_programs_read_right() {
        let wide = |s: &str| s.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        let wide_be = |s: &str| s.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>();
        let sample = "Käse kostet 4,50 €, sagt der Müller.";
        for (bytes, charset) in [
            (sample.as_bytes().to_vec(), None),
            ([b"\xef\xbb\xbf", sample.as_bytes()].concat(), None),
            ([b"\xff\xfe".to_vec(), wide(sample)].concat(), None),
            (wide(sample), None),
            (wide_be(sample), None),
            (encoding_rs::WINDOWS_1252.encode(sample).0.into_owned(), None),
            (encoding_rs::WINDOWS_1252.encode(sample).0.into_owned(), Some("iso-8859-1")),
            (sample.as_bytes().to_vec(), Some("iso-8859-1")),
        ] {
            assert_eq!(text(&bytes, charset), sample, "{charset:?} {:?}", &bytes[..4]);
        }
        let russian = "Мы работаем с понедельника по пятницу, с девяти до шести часов вечера.";
        assert_eq!(text(&encoding_rs::WINDOWS_1251.encode(russian).0, None), russian);
        assert_eq!(html(b"<meta charset=\"windows-1252\"><p>\x80 5", None), "<meta charset=\"windows-1252\"><p>€ 5");
        assert_eq!(charset_of_mime("text/html; charset=\"UTF-8\"").as_deref(), Some("UTF-8"));
    }
}
