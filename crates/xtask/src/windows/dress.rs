//! What Windows shows of a program: its picture, and the names in its properties and in the task manager. They are put into
//! a program that is built already, so that a brand needs no compiler.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use editpe::constants::{LANGUAGE_ID_EN_US, RT_GROUP_ICON, RT_ICON, RT_VERSION};
use editpe::types::{FixedFileInfo, VersionU16, VersionU32};
use editpe::{Image, ResourceDirectory, ResourceEntryName, VersionInfo, VersionStringTable};

/// The words of one program.
#[derive(Clone, Copy, Debug)]
pub(super) struct Words<'a> {
    /// What people read.
    pub(super) name: &'a str,
    pub(super) publisher: &'a str,
    /// As we write it, and as four numbers.
    pub(super) version: &'a str,
    pub(super) numbers: [u16; 4],
    /// The program's file.
    pub(super) file: &'a str,
}

/// Unicode, the one alphabet there is.
const ALPHABET: u16 = 1200;

/// Gives `program` the pictures of the file `icon` and these words, in place of any it has.
pub(super) fn dress(program: &Path, icon: &Path, words: &Words<'_>) -> Result<()> {
    let wrong = || format!("{} cannot be given its icon", program.display());
    let bytes = fs::read(program).with_context(wrong)?;
    let bytes = dressed(&bytes, &fs::read(icon)?, words).with_context(wrong)?;
    fs::write(program, bytes).with_context(wrong)
}

fn dressed(program: &[u8], icon: &[u8], words: &Words<'_>) -> Result<Vec<u8>> {
    let mut image = Image::parse(program)?;
    let mut resources = image.resource_directory().cloned().unwrap_or_default();
    for kind in [RT_GROUP_ICON, RT_ICON, RT_VERSION] {
        resources.root_mut().remove(ResourceEntryName::ID(kind.into()));
    }
    resources.set_main_icon(icon)?;
    resources.set_version_info(&version(words))?;
    image.set_resource_directory(resources)?;
    Ok(image.data().to_vec())
}

fn version(words: &Words<'_>) -> VersionInfo {
    let [first, second, third, fourth] = words.numbers.map(u32::from);
    let number = VersionU32 { major: first << 16 | second, minor: third << 16 | fourth };
    let strings = [
        // The task manager shows this one.
        ("FileDescription", words.name),
        ("ProductName", words.name),
        ("CompanyName", words.publisher),
        ("LegalCopyright", words.publisher),
        ("FileVersion", words.version),
        ("ProductVersion", words.version),
        ("InternalName", words.file),
        ("OriginalFilename", words.file),
    ];
    VersionInfo {
        info: FixedFileInfo { file_version: number, product_version: number, ..FixedFileInfo::default() },
        strings: vec![VersionStringTable {
            key: format!("{LANGUAGE_ID_EN_US:04x}{ALPHABET:04x}"),
            strings: strings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
        }],
        vars: vec![VersionU16 { major: LANGUAGE_ID_EN_US, minor: ALPHABET }],
    }
}

/// The pictures that Windows shows for `program`, as they stand in it, and the name in its properties.
pub(super) fn worn(program: &[u8]) -> Result<(Vec<Vec<u8>>, Option<String>)> {
    let image = Image::parse(program)?;
    let resources = image.resource_directory().context("it has neither pictures nor words")?;
    // A group is a head of six bytes, then a line of fourteen for each picture, whose last two are its number.
    let group = entry(resources, RT_GROUP_ICON, None).context("it has no pictures")?;
    let numbers = group.get(6..).unwrap_or_default().chunks_exact(14);
    let pictures = numbers
        .map(|line| u32::from(u16::from_le_bytes([line[12], line[13]])))
        .map(|number| entry(resources, RT_ICON, Some(number)).context("a picture is missing").map(<[u8]>::to_vec));
    let words = resources.get_version_info()?.and_then(|info| info.strings.into_iter().next());
    let name = words.and_then(|words| words.strings.get("ProductName").cloned());
    Ok((pictures.collect::<Result<_>>()?, name))
}

/// One entry of a kind in its first language: the one with this number, or the first.
fn entry(resources: &ResourceDirectory, kind: u16, number: Option<u32>) -> Option<&[u8]> {
    let kinds = resources.root().get(ResourceEntryName::ID(kind.into()))?.as_table()?;
    let languages = match number {
        Some(number) => kinds.get(ResourceEntryName::ID(number))?,
        None => kinds.get(*kinds.entries().first()?)?,
    };
    let languages = languages.as_table()?;
    Some(languages.get(*languages.entries().first()?)?.as_data()?.data())
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: Words<'_> = Words {
        name: "Thandi’s Help Desk",
        publisher: "Example Ltd",
        version: "1.2.3",
        numbers: [1, 2, 3, 0],
        file: "helpdesk.exe",
    };

    /// The least that Windows would take for a program: the heads and one part, with nothing in it.
    fn bare_program() -> Vec<u8> {
        const HEADS: usize = 0x400;
        let mut program = vec![0; HEADS + 0x200];
        let mut put = |at: usize, bytes: &[u8]| program[at..at + bytes.len()].copy_from_slice(bytes);
        put(0, b"MZ");
        put(0x3c, &0x80_u32.to_le_bytes());
        put(0x80, b"PE\0\0");
        let (head, optional) = (0x84, 0x98);
        put(head, &0x8664_u16.to_le_bytes());
        put(head + 2, &1_u16.to_le_bytes());
        put(head + 16, &240_u16.to_le_bytes());
        put(head + 18, &0x22_u16.to_le_bytes());
        put(optional, &0x20b_u16.to_le_bytes());
        for (at, number) in [(32, 0x1000_u32), (36, 0x200), (56, 0x2000), (60, HEADS as u32), (108, 16)] {
            put(optional + at, &number.to_le_bytes());
        }
        let part = optional + 240;
        put(part, b".text");
        for (at, number) in [(8, 0x10_u32), (12, 0x1000), (16, 0x200), (20, HEADS as u32), (36, 0x6000_0020)] {
            put(part + at, &number.to_le_bytes());
        }
        put(HEADS, b"the code");
        program
    }

    fn icon(pictures: &[&[u8]]) -> Vec<u8> {
        let pictures: Vec<_> = pictures.iter().zip([16, 48, 256]).map(|(bytes, side)| (side, bytes.to_vec())).collect();
        super::super::icon::joined(&pictures).unwrap()
    }

    #[test]
    fn a_program_without_a_picture_wears_every_size_of_the_one_it_is_given() {
        let program = dressed(&bare_program(), &icon(&[b"small", b"middle", b"large"]), &WORDS).unwrap();
        let (pictures, name) = worn(&program).unwrap();
        assert_eq!(pictures, [b"small".to_vec(), b"middle".to_vec(), b"large".to_vec()]);
        assert_eq!(name.as_deref(), Some(WORDS.name));
        assert_eq!(&program[0x400..0x408], b"the code", "what runs stays where it was");
    }

    #[test]
    fn a_brand_s_picture_and_name_take_the_place_of_our_own_and_nothing_of_ours_is_left() {
        let ours = Words { name: "Ours", file: "ours.exe", ..WORDS };
        let program = dressed(&bare_program(), &icon(&[b"our own picture"]), &ours).unwrap();
        for theirs in [b"theirs".to_vec(), vec![7; 5000]] {
            let program = dressed(&program, &icon(&[&theirs]), &WORDS).unwrap();
            let (pictures, name) = worn(&program).unwrap();
            assert_eq!((pictures, name.as_deref()), (vec![theirs], Some(WORDS.name)));
            let has = |bytes: &[u8]| program.windows(bytes.len()).any(|found| found == bytes);
            let wide: Vec<u8> = "Ours".encode_utf16().flat_map(u16::to_le_bytes).collect();
            assert!(!has(b"our own picture") && !has(&wide));
        }
    }

    #[test]
    fn what_is_no_program_or_no_picture_is_refused() {
        assert!(worn(&bare_program()).is_err());
        assert!(dressed(b"#!/bin/sh", &icon(&[b"x"]), &WORDS).is_err());
        assert!(dressed(&bare_program(), b"<svg></svg>", &WORDS).is_err());
    }
}
