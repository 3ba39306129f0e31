//! Why a request is not answered.

use std::fmt;

/// Why a request is not answered, with the status that says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub status: u16,
    pub problem: String,
}

impl Refusal {
    fn new(status: u16, problem: String) -> Self {
        Refusal { status, problem }
    }

    /// The request does not say what it should.
    pub fn bad(problem: String) -> Self {
        Refusal::new(400, problem)
    }

    /// A token is missing or wrong.
    pub fn no_token() -> Self {
        let problem = "this server asks for a token: send the header `Authorization: Bearer TOKEN`";
        Refusal::new(401, problem.to_owned())
    }

    /// There is nothing of that name.
    pub fn unknown(problem: String) -> Self {
        Refusal::new(404, problem)
    }

    /// The path is asked in another way.
    pub fn wrong_method() -> Self {
        Refusal::new(
            405,
            "this path is asked by another method; /openapi.json says which".to_owned(),
        )
    }

    /// The request did not arrive in time.
    pub fn too_slow(seconds: u64) -> Self {
        Refusal::new(408, format!("the request did not arrive within {seconds} s"))
    }

    /// What is asked does not fit the state of the server.
    pub fn conflict(problem: String) -> Self {
        Refusal::new(409, problem)
    }

    /// There is more in the request than is taken.
    pub fn too_large(problem: String) -> Self {
        Refusal::new(413, problem)
    }

    /// The server failed.
    pub fn failed(problem: String) -> Self {
        Refusal::new(500, problem)
    }

    /// More requests are being answered than the server takes.
    pub fn busy() -> Self {
        Refusal::new(503, "too many requests at once; try again in a second".to_owned())
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem)
    }
}
