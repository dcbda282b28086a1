//! What lies in a file of everything: parts with names of a few fixed shapes, one after the other, and an end that counts
//! them.
//!
//! ```text
//! part  01, length of the name (2 bytes), name, size (8 bytes), content
//! end   00, number of parts (8 bytes), their sizes together (8 bytes)
//! ```

use std::collections::HashSet;
use std::fmt;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use base::id::WorkspaceId;
use base::{Error, Result};

use super::seal::{damaged, of_io};

const PART: u8 = 1;
const END: u8 = 0;
const LONGEST_NAME: usize = 256;
const PIECE: usize = 64 << 10;
/// What a part takes besides its content, at most; and the end.
pub(crate) const AROUND: u64 = 11 + LONGEST_NAME as u64;

/// A part. There is no name that leads anywhere else than to its place in a data folder.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Part {
    System,
    Key,
    Configuration,
    Workspace(WorkspaceId),
    /// A file of a business, by its SHA-256.
    Media(WorkspaceId, String),
}

pub(crate) const SYSTEM: &str = "system.db";
pub(crate) const KEY: &str = "secret.key";
pub(crate) const CONFIGURATION: &str = "botflow.toml";
pub(crate) const WORKSPACES: &str = "workspaces";
pub(crate) const WORKSPACE: &str = "workspace.db";
pub(crate) const MEDIA: &str = "media";

/// Whether a file's name is that of a file kept by its content.
pub(crate) fn is_hash(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Part::System => f.write_str(SYSTEM),
            Part::Key => f.write_str(KEY),
            Part::Configuration => f.write_str(CONFIGURATION),
            Part::Workspace(id) => write!(f, "{WORKSPACES}/{id}/{WORKSPACE}"),
            Part::Media(id, hash) => write!(f, "{WORKSPACES}/{id}/{MEDIA}/{hash}"),
        }
    }
}

impl FromStr for Part {
    type Err = Error;

    /// Everything that is not exactly one of the shapes is refused, `..` and the like among it.
    fn from_str(name: &str) -> Result<Self> {
        let refused =
            || Error::invalid("This file holds something that does not belong into it, so nothing was taken over.");
        let id = |text: &str| text.parse::<WorkspaceId>().ok().filter(|id| id.to_string() == text).ok_or_else(refused);
        match *name.split('/').collect::<Vec<_>>().as_slice() {
            [SYSTEM] => Ok(Part::System),
            [KEY] => Ok(Part::Key),
            [CONFIGURATION] => Ok(Part::Configuration),
            [WORKSPACES, business, WORKSPACE] => Ok(Part::Workspace(id(business)?)),
            [WORKSPACES, business, MEDIA, hash] if is_hash(hash) => Ok(Part::Media(id(business)?, hash.to_owned())),
            _ => Err(refused()),
        }
    }
}

impl Part {
    /// Where it lies below a data folder.
    pub(crate) fn below(&self, data: &Path) -> PathBuf {
        let of = |id: &WorkspaceId| data.join(WORKSPACES).join(id.to_string());
        match self {
            Part::System => data.join(SYSTEM),
            Part::Key => data.join(KEY),
            Part::Configuration => data.join(CONFIGURATION),
            Part::Workspace(id) => of(id).join(WORKSPACE),
            Part::Media(id, hash) => of(id).join(MEDIA).join(hash),
        }
    }
}

/// Copies exactly `size` bytes, telling how many with each piece. `Interrupted` when `go_on` says no.
fn copy(from: &mut impl Read, to: &mut impl Write, size: u64, go_on: &mut impl FnMut(u64) -> bool) -> Result<()> {
    let mut piece = vec![0; PIECE];
    let mut left = size;
    while left > 0 {
        let wanted = usize::try_from(left).unwrap_or(PIECE).min(PIECE);
        let got = match from.read(&mut piece[..wanted]) {
            Ok(0) => return Err(of_io(io::ErrorKind::UnexpectedEof.into())),
            Ok(got) => got,
            Err(e) => return Err(of_io(e)),
        };
        to.write_all(&piece[..got]).map_err(of_io)?;
        left -= got as u64;
        if !go_on(got as u64) {
            return Err(Error::cancelled());
        }
    }
    Ok(())
}

/// Writes parts.
pub(crate) struct Writer<W: Write> {
    to: W,
    parts: u64,
    bytes: u64,
}

impl<W: Write> Writer<W> {
    pub(crate) fn new(to: W) -> Self {
        Self { to, parts: 0, bytes: 0 }
    }

    pub(crate) fn put(
        &mut self,
        part: &Part,
        size: u64,
        content: &mut impl Read,
        mut go_on: impl FnMut(u64) -> bool,
    ) -> Result<()> {
        let name = part.to_string();
        let length = u16::try_from(name.len()).map_err(Error::internal)?;
        let front = [&[PART][..], &length.to_be_bytes(), name.as_bytes(), &size.to_be_bytes()].concat();
        self.to.write_all(&front).map_err(of_io)?;
        copy(content, &mut self.to, size, &mut go_on)?;
        self.parts += 1;
        self.bytes += size;
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Result<W> {
        let end = [&[END][..], &self.parts.to_be_bytes(), &self.bytes.to_be_bytes()].concat();
        self.to.write_all(&end).map_err(of_io)?;
        Ok(self.to)
    }
}

/// Reads parts.
pub(crate) struct Reader<R: Read> {
    from: R,
    seen: HashSet<Part>,
    bytes: u64,
}

/// A part about to be read: its content must be taken before the next one.
pub(crate) struct Found {
    pub(crate) part: Part,
    pub(crate) size: u64,
}

impl<R: Read> Reader<R> {
    pub(crate) fn new(from: R) -> Self {
        Self { from, seen: HashSet::new(), bytes: 0 }
    }

    fn exactly<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        self.from.read_exact(&mut bytes).map_err(of_io)?;
        Ok(bytes)
    }

    /// The next part; nothing at the end, when all that was written is there and nothing else.
    pub(crate) fn next(&mut self) -> Result<Option<Found>> {
        match self.exactly::<1>()? {
            [PART] => {}
            [END] => {
                let parts = u64::from_be_bytes(self.exactly()?);
                let bytes = u64::from_be_bytes(self.exactly()?);
                let more = self.from.read(&mut [0]).map_err(of_io)?;
                if parts != self.seen.len() as u64 || bytes != self.bytes || more != 0 {
                    return Err(damaged());
                }
                return Ok(None);
            }
            _ => return Err(damaged()),
        }
        let length = usize::from(u16::from_be_bytes(self.exactly()?));
        if length > LONGEST_NAME {
            return Err(damaged());
        }
        let mut name = vec![0; length];
        self.from.read_exact(&mut name).map_err(of_io)?;
        let part: Part = std::str::from_utf8(&name).map_err(|_| damaged())?.parse()?;
        if !self.seen.insert(part.clone()) {
            return Err(damaged());
        }
        let size = u64::from_be_bytes(self.exactly()?);
        self.bytes = self.bytes.checked_add(size).ok_or_else(damaged)?;
        Ok(Some(Found { part, size }))
    }

    /// The content of the part that was just found.
    pub(crate) fn take(
        &mut self,
        found: &Found,
        to: &mut impl Write,
        mut go_on: impl FnMut(u64) -> bool,
    ) -> Result<()> {
        copy(&mut self.from, to, found.size, &mut go_on)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(parts: &[(Part, Vec<u8>)]) -> Vec<u8> {
        let mut writer = Writer::new(Vec::new());
        for (part, content) in parts {
            writer.put(part, content.len() as u64, &mut content.as_slice(), |_| true).unwrap();
        }
        writer.finish().unwrap()
    }

    fn read(bytes: &[u8]) -> Result<Vec<(Part, Vec<u8>)>> {
        let mut reader = Reader::new(bytes);
        let mut all = Vec::new();
        while let Some(found) = reader.next()? {
            let mut content = Vec::new();
            reader.take(&found, &mut content, |_| true)?;
            all.push((found.part, content));
        }
        Ok(all)
    }

    fn some_parts() -> Vec<(Part, Vec<u8>)> {
        let id = WorkspaceId::fresh();
        vec![
            (Part::System, b"users".to_vec()),
            (Part::Key, vec![7; 32]),
            (Part::Workspace(id), vec![1; 100_000]),
            (Part::Media(id, "ab".repeat(32)), Vec::new()),
        ]
    }

    #[test]
    fn names_that_lead_elsewhere_are_refused() {
        let id = WorkspaceId::fresh();
        let hash = "0".repeat(64);
        for name in [
            String::new(),
            "/".into(),
            "..".into(),
            "../system.db".into(),
            "/system.db".into(),
            "C:\\system.db".into(),
            "system.db/".into(),
            "./system.db".into(),
            "system.db\0".into(),
            "SYSTEM.DB".into(),
            "botflow.lock".into(),
            "models/x".into(),
            format!("workspaces/../{id}/workspace.db"),
            "workspaces/../workspace.db".into(),
            format!("workspaces/{id}/../../secret.key"),
            format!("workspaces/{id}/media/../{hash}"),
            format!("workspaces/{id}/media/..\\{hash}"),
            format!("workspaces/{id}/media/{hash}/x"),
            format!("workspaces/{}/workspace.db", id.to_string().to_uppercase()),
            format!("workspaces/{{{id}}}/workspace.db"),
            format!("workspaces\\{id}\\workspace.db"),
        ] {
            assert!(name.parse::<Part>().is_err(), "{name:?} was let in");
        }
        for (part, _) in some_parts() {
            assert_eq!(part.to_string().parse::<Part>().unwrap(), part);
            assert!(part.below(Path::new("data")).starts_with("data"));
        }
    }

    #[test]
    fn a_part_that_comes_twice_or_an_end_that_counts_wrong_is_noticed() {
        let parts = some_parts();
        let whole = written(&parts);
        assert_eq!(read(&whole).unwrap(), parts);
        let twice = written(&[parts[0].clone(), parts[0].clone()]);
        assert!(read(&twice).is_err());
        let mut miscounted = whole.clone();
        let at = miscounted.len() - 9;
        miscounted[at] ^= 1;
        assert!(read(&miscounted).is_err());
        assert!(read(&[whole.as_slice(), b"x"].concat()).is_err());
        let mut writer = Writer::new(Vec::new());
        let stopped = writer.put(&Part::System, 4, &mut &b"four"[..], |_| false).unwrap_err();
        assert_eq!(stopped.code, base::ErrorCode::Cancelled);
        assert!(writer.put(&Part::System, 5, &mut &b"four"[..], |_| true).is_err(), "the file became shorter");
    }

    proptest! {
        #[test]
        fn whatever_comes_is_an_error_and_never_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            let _ = read(&bytes);
        }

        #[test]
        fn a_list_that_was_cut_never_reads_as_whole(cut in 1usize..10_000) {
            let whole = written(&some_parts());
            prop_assert!(read(&whole[..whole.len().saturating_sub(cut)]).is_err());
        }

        #[test]
        fn what_was_written_is_read(contents in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..300), 0..8)) {
            let id = WorkspaceId::fresh();
            let parts: Vec<_> = contents
                .into_iter()
                .enumerate()
                .map(|(n, content)| (Part::Media(id, format!("{n:064x}")), content))
                .collect();
            prop_assert_eq!(read(&written(&parts)).unwrap(), parts);
        }
    }
}
