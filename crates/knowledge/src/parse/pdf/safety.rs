//! Disarms what would make the PDF library run out of memory or stack, neither of which can be caught.

use std::collections::{BTreeMap, HashSet};
use std::io::Read;

use base::Result;
use pdf_extract::{Dictionary, Document as Pdf, Object, ObjectId, Stream};

use crate::parse::{MAX_PART_BYTES, MAX_UNPACKED_BYTES, damaged, too_much_inside};

/// Forms drawn inside of forms, deeper than any real document goes.
const MAX_FORM_DEPTH: usize = 12;
/// LZW unpacks to at most about 2,700 times its size and is only met in small, old files.
const MAX_LZW_BYTES: usize = 512 << 10;

/// Unpacks every compressed stream that is not a picture into nothing, counting, before the library does so unbounded.
pub(super) fn check_streams(bytes: &[u8]) -> Result<()> {
    let mut total = 0_u64;
    let mut at = 0;
    while let Some(found) = find(&bytes[at..], b"stream") {
        let start = at + found;
        at = start + 6;
        if start >= 3 && bytes[..start].ends_with(b"end") {
            continue;
        }
        let data = match &bytes[at..] {
            [b'\r', b'\n', rest @ ..] | [b'\n' | b'\r', rest @ ..] => rest,
            _ => continue,
        };
        let dictionary = &bytes[start.saturating_sub(2048)..start];
        let dictionary = rfind(dictionary, b"obj").map_or(dictionary, |p| &dictionary[p..]);
        if find(dictionary, b"/Image").is_some() && find(dictionary, b"/ObjStm").is_none() {
            continue;
        }
        // A zlib header: deflate, and a checksum that fits.
        if let [first, second, ..] = data
            && first & 0x0f == 8
            && (u16::from(*first) << 8 | u16::from(*second)).is_multiple_of(31)
        {
            total += inflated(data)?;
            if total > MAX_UNPACKED_BYTES {
                return Err(too_much_inside());
            }
        }
    }
    Ok(())
}

fn inflated(data: &[u8]) -> Result<u64> {
    let mut count = 0;
    let mut decoder = flate2::read::ZlibDecoder::new(data);
    let mut buffer = [0; 16 << 10];
    // Broken data is the library's to judge.
    while let Ok(n @ 1..) = decoder.read(&mut buffer) {
        count += n as u64;
        if count > MAX_PART_BYTES {
            return Err(too_much_inside());
        }
    }
    Ok(count)
}

/// Empties pictures, whose bytes the library would run as drawing commands, and cuts circles: of forms that draw
/// themselves, and of pages that are their own parents. Tells whether there were pictures.
pub(super) fn make_safe(pdf: &mut Pdf, pages: &BTreeMap<u32, ObjectId>) -> Result<bool> {
    let mut pictures = false;
    for object in pdf.objects.values_mut() {
        let Object::Stream(stream) = object else { continue };
        let is = |name: &[u8]| stream.dict.get(b"Subtype").and_then(Object::as_name).is_ok_and(|n| n == name);
        if is(b"Image") {
            pictures = true;
            empty(stream);
        } else if packed_twice(stream) || too_much_lzw(stream) {
            return Err(too_much_inside());
        }
    }
    for page in pages.values() {
        let mut seen = HashSet::new();
        let mut next = Some(*page);
        while let Some(id) = next {
            if !seen.insert(id) || seen.len() > 100 {
                return Err(damaged());
            }
            next = pdf.get_dictionary(id).ok().and_then(|d| d.get(b"Parent").ok()).and_then(|p| p.as_reference().ok());
        }
    }
    for id in circles(pdf) {
        if let Some(Object::Stream(stream)) = pdf.objects.get_mut(&id) {
            empty(stream);
        }
    }
    Ok(pictures)
}

fn empty(stream: &mut Stream) {
    stream.dict.remove(b"Filter");
    stream.dict.remove(b"DecodeParms");
    stream.set_content(Vec::new());
}

fn packed_twice(stream: &Stream) -> bool {
    let filters = stream.filters().unwrap_or_default();
    let packing = filters
        .iter()
        .filter(|f| matches!(**f, b"FlateDecode" | b"Fl" | b"LZWDecode" | b"LZW" | b"RunLengthDecode"))
        .count();
    // In an armoured stream the check of the raw bytes saw nothing; a small one cannot grow beyond bounds.
    packing > 1 || (packing == 1 && filters.len() > 1 && stream.content.len() > 256 << 10)
}

fn too_much_lzw(stream: &Stream) -> bool {
    stream.content.len() > MAX_LZW_BYTES && stream.filters().unwrap_or_default().iter().any(|f| f.starts_with(b"LZW"))
}

/// Forms that, followed through their resources, lead back to themselves or too deep.
fn circles(pdf: &Pdf) -> Vec<ObjectId> {
    let forms: Vec<ObjectId> = pdf
        .objects
        .iter()
        .filter(|(_, o)| {
            o.as_stream().is_ok_and(|s| s.dict.get(b"Subtype").and_then(Object::as_name).is_ok_and(|n| n == b"Form"))
        })
        .map(|(id, _)| *id)
        .collect();
    let mut cut: HashSet<ObjectId> = HashSet::new();
    let mut done: HashSet<ObjectId> = HashSet::new();
    for form in forms {
        // Depth-first with a path of its own, not on the stack.
        let mut path: Vec<(ObjectId, Vec<ObjectId>)> = vec![(form, drawn_by(pdf, form))];
        while let Some((id, rest)) = path.last_mut() {
            let id = *id;
            match rest.pop() {
                None => {
                    done.insert(id);
                    path.pop();
                }
                Some(next) if path.iter().any(|(above, _)| *above == next) || path.len() > MAX_FORM_DEPTH => {
                    cut.insert(next);
                }
                Some(next) if done.contains(&next) || cut.contains(&next) => {}
                Some(next) => path.push((next, drawn_by(pdf, next))),
            }
        }
    }
    cut.into_iter().collect()
}

/// The streams that a form can draw: those its resources name. One without resources draws with those of the page, so
/// it may reach every form there is.
fn drawn_by(pdf: &Pdf, form: ObjectId) -> Vec<ObjectId> {
    let Some(stream) = pdf.objects.get(&form).and_then(|o| o.as_stream().ok()) else { return Vec::new() };
    let resolve = |o: &Object| -> Option<Dictionary> {
        match o {
            Object::Reference(id) => pdf.get_dictionary(*id).ok().cloned(),
            other => other.as_dict().ok().cloned(),
        }
    };
    let named =
        stream.dict.get(b"Resources").ok().and_then(resolve).and_then(|r| r.get(b"XObject").ok().and_then(resolve));
    match named {
        Some(dictionary) => dictionary.iter().filter_map(|(_, o)| o.as_reference().ok()).collect(),
        // It can only draw when its content says so.
        None if stream.dict.get(b"Resources").is_err() && draws(stream) => vec![form],
        None => Vec::new(),
    }
}

fn draws(stream: &Stream) -> bool {
    stream.decompressed_content().is_ok_and(|c| find(&c, b" Do").is_some())
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    let first = needle.first()?;
    let mut at = 0;
    while let Some(found) = haystack.get(at..)?.iter().position(|b| b == first) {
        at += found;
        if haystack[at..].starts_with(needle) {
            return Some(at);
        }
        at += 1;
    }
    None
}

fn rfind(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).rposition(|w| w == needle)
}
