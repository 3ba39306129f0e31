//! The lines between the kernel and a cell.

use crate::text;

/// What the kernel reads from standard output to show `html` and `plain`, the same in two
/// formats, of which the front end picks one.
pub(super) fn bundle(html: Option<&str>, plain: &str) -> String {
    let block = |format, content| {
        format!("EVCXR_BEGIN_CONTENT {format}\n{}\nEVCXR_END_CONTENT", guarded(content))
    };
    match html {
        None => block("text/plain", plain),
        Some(html) => format!("{}\n{}", block("text/html", html), block("text/plain", plain)),
    }
}

/// Moves lines that the kernel would take for its own one blank to the right.
fn guarded(content: &str) -> String {
    let line = |line: &str| match line.starts_with("EVCXR_") {
        true => format!(" {line}"),
        false => line.to_owned(),
    };
    content.trim_end().lines().map(line).collect::<Vec<_>>().join("\n")
}

/// `text` for HTML, between tags or in an attribute in quotes of either kind.
pub(super) fn escaped(text: &str) -> String {
    text::escaped(text).replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_formats_reach_the_kernel() {
        assert_eq!(
            bundle(Some("<p>a</p>"), "a\n"),
            "EVCXR_BEGIN_CONTENT text/html\n<p>a</p>\nEVCXR_END_CONTENT\n\
             EVCXR_BEGIN_CONTENT text/plain\na\nEVCXR_END_CONTENT"
        );
    }

    #[test]
    fn content_cannot_end_its_own_block() {
        let text = bundle(None, "a\nEVCXR_END_CONTENT\nEVCXR_BEGIN_CONTENT text/html\r\nb");
        let own = |line: &&str| line.starts_with("EVCXR_");
        assert_eq!(text.lines().filter(own).count(), 2);
    }

    #[test]
    fn markup_is_escaped() {
        assert_eq!(escaped("<a href='b'>&\"c\""), "&lt;a href=&#39;b&#39;&gt;&amp;&quot;c&quot;");
    }
}
