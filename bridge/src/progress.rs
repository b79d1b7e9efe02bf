//! A progress bar on standard error.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

pub struct Bar {
    bar: ProgressBar,
}

pub fn new_bar(colour: bool) -> Box<Bar> {
    // Ten draws a second: more would cost the run more than it tells.
    let bar = ProgressBar::with_draw_target(Some(1000), ProgressDrawTarget::stderr_with_hz(10));
    let block = if colour { "{bar:30.cyan}" } else { "{bar:30}" };
    let template = format!("{{prefix:<12}} {block} {{percent:>3}}% {{msg}}");
    if let Ok(style) = ProgressStyle::with_template(&template) {
        bar.set_style(style.progress_chars("━╸ "));
    }
    Box::new(Bar { bar })
}

impl Bar {
    pub fn step(&self, name: &str) {
        self.bar.reset(); // also makes a finished bar draw again
        self.bar.set_message("");
        self.bar.set_prefix(name.to_string());
        self.bar.enable_steady_tick(Duration::from_millis(500));
    }

    pub fn update(&self, percent: f64, detail: &str) {
        self.bar.set_position((percent.clamp(0.0, 100.0) * 10.0) as u64);
        if !detail.is_empty() {
            self.bar.set_message(detail.to_string());
        }
    }

    pub fn print_above(&self, line: &str) {
        self.bar.println(line);
    }

    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
