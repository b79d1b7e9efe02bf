//! Tells others what happened: a request by HTTP, a letter by SMTP. The clients are crates `reqwest`, the one of the object
//! stores, and `lettre`; ours are how long and how often to try, and what an error says.
//!
//! No error names an address that a message was sent to: that of a webhook is a password.

use std::fmt::Display;
use std::fs;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use delta_kernel_default_engine::executor::TaskExecutor;
use lettre::message::Mailbox;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{Message, SmtpTransport, Transport};
use reqwest::{redirect, Client, Method, StatusCode, Url};

pub use self::ffi::{Delivery, Letter, Request};
use crate::executor::executor;
use crate::fault::{caused, fault, Fault, NO_RIGHTS, UNREACHABLE};
use crate::guarded::guarded_check_letter;
use crate::guarded::guarded_check_url;
use crate::guarded::guarded_greet;
use crate::guarded::guarded_send_letter;
use crate::guarded::guarded_send_request;

#[cxx::bridge(namespace = "metl::bridge")]
mod ffi {
    struct Request {
        method: String,
        url: String,
        content_type: String,
        token: String, // sent as a bearer's; "" for none
        body: String,
    }

    struct Letter {
        host: String,
        port: u16,
        security: String, // tls: from the start; starttls: before anything is said; none
        user: String,     // "" for none
        password: String,
        from: String,
        to: Vec<String>,
        subject: String,
        text: String,
    }

    struct Delivery {
        seconds: u64,    // for all attempts together
        ca_file: String, // of authorities (PEM) that are trusted beside the system's; "" for none
    }

    extern "Rust" {
        /// Done when the answer is a success. Redirects are not followed.
        #[cxx_name = "send_request"]
        fn guarded_send_request(request: &Request, delivery: &Delivery) -> Result<()>;
        /// Whether a request can be sent to such an address at all.
        #[cxx_name = "check_url"]
        fn guarded_check_url(url: &str) -> Result<()>;

        #[cxx_name = "send_letter"]
        fn guarded_send_letter(letter: &Letter, delivery: &Delivery) -> Result<()>;
        /// Whether its addresses are ones.
        #[cxx_name = "check_letter"]
        fn guarded_check_letter(letter: &Letter) -> Result<()>;
        /// Connects, with TLS and user if so, and sends nothing.
        #[cxx_name = "greet"]
        fn guarded_greet(letter: &Letter, delivery: &Delivery) -> Result<()>;
    }
}

const ATTEMPTS: u32 = 3;
/// Doubles from one attempt to the next.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// Characters of an answer that are shown.
const SHOWN: usize = 200;

struct Refusal {
    why: Fault,
    again: bool, // may help
}

fn for_good(why: Fault) -> Refusal {
    Refusal { why, again: false }
}

/// Tries until it works, it is refused for good or the time is over.
fn attempts(delivery: &Delivery, attempt: impl Fn(Duration) -> Result<(), Refusal>) -> Result<(), Fault> {
    let end = Instant::now() + Duration::from_secs(delivery.seconds);
    let mut pause = FIRST_PAUSE;
    let mut tried = 1;
    loop {
        match attempt(end.saturating_duration_since(Instant::now())) {
            Ok(()) => return Ok(()),
            Err(refusal) => {
                let over = tried == ATTEMPTS || Instant::now() + pause >= end;
                if !refusal.again || over {
                    return Err(refusal.why);
                }
            }
        }
        thread::sleep(pause);
        pause *= 2;
        tried += 1;
    }
}

/// An error with what is behind it, on one line.
fn in_full(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(inner) = next {
        let said = inner.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        next = inner.source();
    }
    text
}

fn unreachable_with(said: impl Display) -> Fault {
    let mut text = fault("cannot be reached", said);
    if text.contains("certificate") {
        text += "\nName the file (PEM) of the authority that signed the server's certificate in storage.ca_file.";
    }
    caused(text, UNREACHABLE)
}

fn authorities(ca_file: &str) -> Result<Vec<u8>, Fault> {
    fs::read(ca_file).map_err(|error| fault(format!("storage.ca_file {ca_file}"), error))
}

fn client(delivery: &Delivery) -> Result<Client, Fault> {
    let mut builder = Client::builder().redirect(redirect::Policy::none()).user_agent("movies-etl");
    if !delivery.ca_file.is_empty() {
        let trusted = reqwest::Certificate::from_pem_bundle(&authorities(&delivery.ca_file)?)
            .map_err(|error| fault(format!("storage.ca_file {}", delivery.ca_file), in_full(&error)))?;
        builder = builder.tls_certs_merge(trusted);
    }
    builder.build().map_err(|error| fault("no request can be made", in_full(&error)))
}

fn address(url: &str) -> Result<Url, Fault> {
    let parsed = Url::parse(url).map_err(|error| fault("is no URL", error))?;
    if !matches!(parsed.scheme(), "http" | "https") {
        return Err("is no URL that begins with https:// or http://".into());
    }
    Ok(parsed)
}

pub fn check_url(url: &str) -> Result<(), Fault> {
    address(url).map(|_| ())
}

pub fn send_request(request: &Request, delivery: &Delivery) -> Result<(), Fault> {
    let url = address(&request.url)?;
    let method = Method::from_bytes(request.method.as_bytes()).map_err(|error| fault("no method", error))?;
    let client = client(delivery)?;
    let executor = executor()?;
    attempts(delivery, |time| {
        let mut sent = client
            .request(method.clone(), url.clone())
            .header("content-type", &request.content_type)
            .body(request.body.clone())
            .timeout(time);
        if !request.token.is_empty() {
            sent = sent.bearer_auth(&request.token);
        }
        executor.block_on(async move {
            let answer = sent.send().await.map_err(|error| {
                let said =
                    if error.is_timeout() { "no answer in time".to_string() } else { in_full(&error.without_url()) };
                let again = !said.contains("certificate");
                Refusal { why: unreachable_with(said), again }
            })?;
            let status = answer.status();
            if status.is_success() {
                return Ok(());
            }
            Err(refused(status, &answer.text().await.unwrap_or_default()))
        })
    })
}

fn refused(status: StatusCode, answer: &str) -> Refusal {
    let shown: String = answer.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(SHOWN).collect();
    let mut text = format!("answers {}", status.as_u16());
    if !shown.is_empty() {
        text = format!("{text}: {shown}");
    }
    if status.is_redirection() {
        text += "\nRedirects are not followed, since the address may be a secret: set the address that it leads to.";
    }
    let cause = match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => NO_RIGHTS,
        _ => UNREACHABLE,
    };
    let again = status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
    Refusal { why: caused(text, cause), again }
}

fn mailbox(text: &str) -> Result<Mailbox, Fault> {
    text.trim().parse().map_err(|error| fault(format!("'{text}' is no address of mail"), error))
}

fn message(letter: &Letter) -> Result<Message, Fault> {
    let mut message =
        Message::builder().from(mailbox(&letter.from)?).subject(letter.subject.replace(['\r', '\n'], " "));
    for to in &letter.to {
        message = message.to(mailbox(to)?);
    }
    message.body(letter.text.clone()).map_err(|error| fault("the letter cannot be written", error))
}

pub fn check_letter(letter: &Letter) -> Result<(), Fault> {
    message(letter).map(|_| ())
}

fn transport(letter: &Letter, delivery: &Delivery, time: Duration) -> Result<SmtpTransport, Fault> {
    let mut builder = SmtpTransport::builder_dangerous(&letter.host).port(letter.port).timeout(Some(time));
    if letter.security != "none" {
        let mut trust = TlsParameters::builder(letter.host.clone());
        if !delivery.ca_file.is_empty() {
            let context = || format!("storage.ca_file {}", delivery.ca_file);
            let trusted = lettre::transport::smtp::client::Certificate::from_pem(&authorities(&delivery.ca_file)?)
                .map_err(|error| fault(context(), in_full(&error)))?;
            trust = trust.add_root_certificate(trusted);
        }
        let trust = trust.build().map_err(|error| fault("no connection can be made", in_full(&error)))?;
        builder = builder.tls(if letter.security == "tls" { Tls::Wrapper(trust) } else { Tls::Required(trust) });
    }
    if !letter.user.is_empty() {
        builder = builder.credentials(Credentials::new(letter.user.clone(), letter.password.clone()));
    }
    Ok(builder.build())
}

/// By a thread that is left to itself when the time is over: the client's own limit is one for each line of the talk.
fn talk(
    letter: &Letter,
    delivery: &Delivery,
    what: impl Fn(&SmtpTransport) -> Result<(), lettre::transport::smtp::Error> + Clone + Send + 'static,
) -> Result<(), Fault> {
    attempts(delivery, |time| {
        let smtp = transport(letter, delivery, time).map_err(for_good)?;
        let (tell, told) = mpsc::channel();
        let what = what.clone();
        thread::Builder::new()
            .spawn(move || tell.send(what(&smtp)))
            .map_err(|error| for_good(fault("no thread can be started", error)))?;
        let Ok(result) = told.recv_timeout(time) else {
            return Err(Refusal { why: unreachable_with("no answer in time"), again: true });
        };
        result.map_err(|error| {
            let said = in_full(&error);
            if error.is_permanent() {
                return for_good(caused(fault("refuses", said), NO_RIGHTS));
            }
            let again = !error.is_client() && !error.is_tls() && !said.contains("certificate");
            Refusal { why: unreachable_with(said), again }
        })
    })
}

pub fn send_letter(letter: &Letter, delivery: &Delivery) -> Result<(), Fault> {
    let message = message(letter)?;
    talk(letter, delivery, move |smtp| smtp.send(&message).map(|_| ()))
}

pub fn greet(letter: &Letter, delivery: &Delivery) -> Result<(), Fault> {
    talk(letter, delivery, |smtp| smtp.test_connection().map(|_| ()))
}

#[cfg(test)]
mod tests {
    use super::ffi::Delivery;
    use super::{attempts, check_url, for_good, Refusal};
    use std::cell::Cell;

    fn tried(seconds: u64, again: bool) -> u32 {
        let count = Cell::new(0);
        let delivery = Delivery { seconds, ca_file: String::new() };
        let refused = attempts(&delivery, |_| {
            count.set(count.get() + 1);
            Err(Refusal { again, ..for_good("no".into()) })
        });
        assert_eq!(refused, Err("no".into()));
        count.get()
    }

    #[test]
    fn what_may_help_is_tried_again_but_not_for_ever() {
        assert_eq!(tried(60, true), 3);
        assert_eq!(tried(60, false), 1);
        assert_eq!(tried(0, true), 1);
    }

    #[test]
    fn only_the_web_is_an_address() {
        assert!(check_url("https://example.org/a?b=c").is_ok());
        for wrong in ["", "example.org", "ftp://example.org", "https://"] {
            assert!(check_url(wrong).is_err(), "{wrong}");
        }
    }
}
