//! Parts of a packed file, unpacked under a limit for each and for all of them together.

use std::io::{Cursor, Read};

use base::Result;
use zip::result::ZipError;

use super::{MAX_PART_BYTES, MAX_UNPACKED_BYTES};

pub(super) struct Parts<'a> {
    archive: zip::ZipArchive<Cursor<&'a [u8]>>,
    /// Bytes that may still be unpacked.
    left: u64,
}

impl<'a> Parts<'a> {
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self> {
        let archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|e| super::damaged().with_cause(e))?;
        Ok(Self { archive, left: MAX_UNPACKED_BYTES })
    }

    /// A part by its path, without a leading slash; nothing when there is none. The size that the archive declares is
    /// not trusted: what counts is what comes out.
    pub(super) fn bytes(&mut self, path: &str) -> Result<Option<Vec<u8>>> {
        let limit = MAX_PART_BYTES.min(self.left);
        let part = match self.archive.by_name(path) {
            Ok(part) => part,
            Err(ZipError::FileNotFound) => return Ok(None),
            Err(ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) | ZipError::InvalidPassword) => {
                return Err(super::protected());
            }
            Err(e) => return Err(super::damaged().with_cause(e)),
        };
        let mut out = Vec::new();
        part.take(limit + 1).read_to_end(&mut out).map_err(|e| super::damaged().with_cause(e))?;
        if out.len() as u64 > limit {
            return Err(super::too_much_inside());
        }
        self.left -= out.len() as u64;
        Ok(Some(out))
    }

    /// A part as text; XML is UTF-8 or UTF-16.
    pub(super) fn text(&mut self, path: &str) -> Result<Option<String>> {
        Ok(self.bytes(path)?.map(|b| super::decode::text(&b, None)))
    }

    /// A part that the file cannot do without.
    pub(super) fn need(&mut self, path: &str) -> Result<String> {
        self.text(path)?.ok_or_else(super::damaged)
    }

    /// Where the relations of `part` lead: (id, type's last word, path).
    pub(super) fn relations(&mut self, part: &str) -> Result<Vec<Relation>> {
        let (folder, name) = part.rsplit_once('/').unwrap_or(("", part));
        let path = if folder.is_empty() { format!("_rels/{name}.rels") } else { format!("{folder}/_rels/{name}.rels") };
        let Some(xml) = self.text(&path)? else { return Ok(Vec::new()) };
        let mut out = Vec::new();
        super::xml::each(&xml, &["Relationship"], |node| {
            if node.attr("TargetMode") != Some("External")
                && let (Some(id), Some(kind), Some(target)) = (node.attr("Id"), node.attr("Type"), node.attr("Target"))
            {
                out.push(Relation {
                    id: id.to_string(),
                    kind: kind.rsplit('/').next().unwrap_or_default().to_string(),
                    path: resolve(folder, target),
                });
            }
            Ok(())
        })?;
        Ok(out)
    }

    /// The title in the document's properties.
    pub(super) fn title(&mut self) -> Result<String> {
        let mut title = String::new();
        if let Some(xml) = self.text("docProps/core.xml")? {
            super::xml::each(&xml, &["title"], |node| {
                title = super::draft::fold(&node.text());
                Ok(())
            })?;
        }
        let generic = ["", "word document", "powerpoint presentation", "presentation", "untitled", "document"];
        Ok(if generic.contains(&title.to_lowercase().as_str()) { String::new() } else { title })
    }
}

pub(super) struct Relation {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) path: String,
}

fn resolve(folder: &str, target: &str) -> String {
    if let Some(absolute) = target.strip_prefix('/') {
        return absolute.to_string();
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|p| !p.is_empty()).collect();
    for step in target.split('/') {
        match step {
            ".." => drop(parts.pop()),
            "." | "" => {}
            step => parts.push(step),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_zip_bomb_is_refused_before_it_fills_the_memory() {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        zip.start_file("word/document.xml", zip::write::SimpleFileOptions::default()).unwrap();
        let zeros = vec![b' '; 1 << 20];
        for _ in 0..65 {
            zip.write_all(&zeros).unwrap();
        }
        let bytes = zip.finish().unwrap().into_inner();
        assert!(bytes.len() < 1 << 20, "packed small");
        let e = Parts::open(&bytes).unwrap().bytes("word/document.xml").unwrap_err();
        assert_eq!(e.code, base::ErrorCode::TooLarge);
        let e = super::super::parse(super::super::File { name: "a.docx", bytes: &bytes, mime: None }).unwrap_err();
        assert_eq!(e.code, base::ErrorCode::TooLarge);
    }

    #[test]
    fn relations_are_resolved_like_paths() {
        for (folder, target, expected) in [
            ("ppt/slides", "../notesSlides/n1.xml", "ppt/notesSlides/n1.xml"),
            ("xl", "worksheets/sheet1.xml", "xl/worksheets/sheet1.xml"),
            ("xl", "/xl/a.xml", "xl/a.xml"),
            ("", "../../a", "a"),
        ] {
            assert_eq!(resolve(folder, target), expected);
        }
    }
}
