//! The product's name everywhere the system shows it: taskbar, tray, notifications, folders of the web view.

use app::Brand;
use tauri::{Context, Runtime};

/// The product's name as the owner knows it.
pub(crate) fn product() -> &'static str {
    // Read once, before anything is said.
    Brand::current();
    base::product::name()
}

/// Puts the brand in the place of our own name. Two brands on one machine share nothing: the identifier names the web
/// view's own folder.
pub(crate) fn apply<R: Runtime>(context: &mut Context<R>) {
    let brand = Brand::current();
    let config = context.config_mut();
    config.product_name = Some(brand.product_name.clone());
    if let Some(identifier) = &brand.identifier {
        config.identifier.clone_from(identifier);
    }
    context.package_info_mut().name.clone_from(&brand.product_name);
    if let Some(icon) = crate::icons::of_brand() {
        context.set_default_window_icon(Some(icon));
    }
}
