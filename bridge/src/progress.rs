//! A progress bar on standard error: one line for all of a command's work, whatever the terminal's width.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

const WHOLE: f64 = 1000.0;

pub struct Bar {
    bar: ProgressBar,
}

pub fn new_bar(colour: bool) -> Box<Bar> {
    // Ten draws a second: more would cost the run more than it tells.
    let bar = ProgressBar::with_draw_target(Some(WHOLE as u64), ProgressDrawTarget::stderr_with_hz(10));
    if let Ok(style) = ProgressStyle::with_template(template(columns(), colour)) {
        bar.set_style(style.progress_chars("━╸ "));
    }
    Box::new(Bar { bar })
}

/// What fits on a line; the message is cut to what is left of it.
fn template(columns: u16, colour: bool) -> &'static str {
    match (columns, colour) {
        (0..40, _) => "{percent:>3}% {wide_msg}",
        (40..70, _) => "{percent:>3}% {elapsed} {wide_msg}",
        (70.., true) => "{bar:20.cyan} {percent:>3}% {elapsed} {wide_msg}",
        (70.., false) => "{bar:20} {percent:>3}% {elapsed} {wide_msg}",
    }
}

/// Of the terminal; 80 where it does not say.
fn columns() -> u16 {
    let mut size = libc::winsize { ws_row: 0, ws_col: 0, ws_xpixel: 0, ws_ypixel: 0 };
    // SAFETY: the call fills a struct of its own, or fails.
    let asked = unsafe { libc::ioctl(libc::STDERR_FILENO, libc::TIOCGWINSZ, &raw mut size) };
    if asked == 0 && size.ws_col > 0 {
        size.ws_col
    } else {
        80
    }
}

impl Bar {
    pub fn update(&self, percent: f64, message: &str) {
        if self.bar.is_finished() {
            let elapsed = self.bar.elapsed();
            self.bar.reset(); // makes it draw again
            self.bar.set_elapsed(elapsed);
        }
        self.bar.set_position((percent.clamp(0.0, 100.0) / 100.0 * WHOLE) as u64);
        self.bar.set_message(message.to_string());
        self.bar.enable_steady_tick(Duration::from_millis(500));
    }

    pub fn print_above(&self, line: &str) {
        self.bar.println(line);
    }

    /// With what was last said of it on the screen for a moment, however fast it was.
    pub fn finish(&self) {
        self.bar.force_draw();
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::{template, ProgressStyle};

    #[test]
    fn every_width_has_a_template_that_is_one() {
        for columns in 0..250 {
            for colour in [true, false] {
                assert!(ProgressStyle::with_template(template(columns, colour)).is_ok());
            }
        }
    }
}
