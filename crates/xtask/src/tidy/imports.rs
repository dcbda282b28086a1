//! The interface's layers: `lib`, `api` and `components` are shared; features use them; `app` uses everything.

use super::Source;

/// The rules that `source` breaks.
pub(super) fn check(source: &Source) -> Vec<String> {
    let Some(inside) = source.path.strip_prefix("ui/src/") else { return Vec::new() };
    let is_source = [".ts", ".tsx"].iter().any(|end| inside.ends_with(end)) && !inside.contains(".test.");
    let Some(layer) = layer(inside).filter(|_| is_source) else { return Vec::new() };
    let mut broken = Vec::new();
    for (line, target) in imports(&source.text) {
        let Some(target) = resolve(inside, target) else { continue };
        if self::layer(&target).is_some_and(|other| other > layer) {
            broken.push(format!("line {line}: imports {target}; imports run from shared to features to app"));
        }
    }
    broken
}

/// 0 for shared code, 1 for features, 2 for the app; nothing for what stands outside of them.
fn layer(inside: &str) -> Option<u8> {
    match inside.split('/').next()? {
        "lib" | "api" | "components" => Some(0),
        "features" => Some(1),
        "app" => Some(2),
        _ => None,
    }
}

/// The quoted words after `from`, `import` and `import(`, each with its line.
fn imports(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().flat_map(|(number, line)| {
        let mut found = Vec::new();
        for word in ["from ", "import ", "import("] {
            for (at, _) in line.match_indices(word) {
                let rest = &line[at + word.len()..];
                let Some(quote) = rest.chars().next().filter(|first| matches!(first, '"' | '\'')) else { continue };
                if let Some(end) = rest[1..].find(quote) {
                    found.push((number + 1, &rest[1..=end]));
                }
            }
        }
        found
    })
}

/// The path under `ui/src` that an import in `file` means; nothing for packages.
fn resolve(file: &str, target: &str) -> Option<String> {
    if let Some(inside) = target.strip_prefix("@/").or_else(|| target.strip_prefix("~/")) {
        return Some(inside.to_owned());
    }
    if !target.starts_with('.') {
        return None;
    }
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_against_the_direction_is_named() {
        for (path, text, broken) in [
            ("ui/src/features/bots/list.tsx", r#"import { Button } from "../../components/button";"#, 0),
            ("ui/src/app/router.tsx", r#"import { Bots } from "@/features/bots";"#, 0),
            ("ui/src/app/router.tsx", r#"const Bots = lazy(() => import("../features/bots"));"#, 0),
            ("ui/src/components/card.tsx", r#"import { Bots } from "../features/bots";"#, 1),
            ("ui/src/components/card.tsx", r#"import { Bots } from "@/features/bots";"#, 1),
            ("ui/src/lib/format.ts", r"import { theme } from '../app/theme';", 1),
            ("ui/src/features/bots/list.tsx", r#"import { theme } from "../../app/theme";"#, 1),
            ("ui/src/features/bots/list.tsx", r#"const App = import("../../app/root");"#, 1),
            ("ui/src/components/card.tsx", r#"export * from "../features/bots";"#, 1),
            ("ui/src/components/card.test.tsx", r#"import { Bots } from "../features/bots";"#, 0),
            ("ui/src/components/card.tsx", r#"import React from "react";"#, 0),
            ("ui/src/components/card.tsx", r#"import x from "../../../../../features/bots";"#, 0),
            ("ui/src/main.tsx", r#"import { App } from "./app/app";"#, 0),
            ("crates/base/src/lib.rs", r#"from "../app/x""#, 0),
        ] {
            let source = Source { path: path.to_owned(), text: text.to_owned() };
            assert_eq!(check(&source).len(), broken, "{path}: {text}");
        }
    }
}
