//! Embeds the icon, the window's page and the permissions.

fn main() {
    tauri_build::build();
}
