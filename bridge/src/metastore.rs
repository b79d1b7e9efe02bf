//! A client of the Hive metastore. The protocol is crate `thrift`'s and what its compiler makes of idl/hive_metastore.thrift;
//! ours are whom to call, how often to try, and what an error says.
//!
//! Every verb here may be repeated after an unknown outcome: what was created already is no error.

use std::net::{TcpStream, ToSocketAddrs};
use std::thread::sleep;
use std::time::Duration;

use thrift::protocol::{TBinaryInputProtocol, TBinaryOutputProtocol};
use thrift::transport::{
    ReadHalf, TBufferedReadTransport, TBufferedWriteTransport, TIoChannel, TTcpChannel, WriteHalf,
};

pub use self::ffi::HiveTable;
use self::registered::{columns_of, from_protocol, properties_of, to_protocol};
use crate::fault::{caused, fault, Fault, UNREACHABLE};
use crate::guarded::guarded_new_metastore;

mod registered;

// What is generated serves servers too.
#[allow(warnings, clippy::all)]
mod protocol {
    include!(concat!(env!("OUT_DIR"), "/hive_metastore.rs"));
}
use protocol::{
    AlreadyExistsException, Database, EnvironmentContext, GetTableRequest, GetTablesRequest, InvalidObjectException,
    InvalidOperationException, MetaException, NoSuchObjectException, TThriftHiveMetastoreSyncClient,
    ThriftHiveMetastoreSyncClient, UnknownDBException,
};

#[cxx::bridge(namespace = "metl::bridge")]
mod ffi {
    struct HiveColumn {
        name: String,
        hive_type: String,
        comment: String,
    }

    struct HivePair {
        key: String,
        value: String,
    }

    /// What this program reads and writes of a registered table. Everything else stays as it is.
    struct HiveTable {
        database: String,
        name: String,
        kind: String,     // EXTERNAL_TABLE, MANAGED_TABLE, VIRTUAL_VIEW
        location: String, // of the storage descriptor
        path: String,     // the serde's; "" for none
        columns: Vec<HiveColumn>,
        properties: Vec<HivePair>,
    }

    extern "Rust" {
        type Metastore;

        /// `addresses` are HOST:PORT, tried in order. Nothing is sent before the first call of a verb.
        #[cxx_name = "new_metastore"]
        fn guarded_new_metastore(addresses: Vec<String>, user: &str) -> Result<Box<Metastore>>;
        #[cxx_name = "databases"]
        fn guarded_databases(self: &mut Metastore) -> Result<Vec<String>>;
        /// Does nothing when there is one of that name, wherever it lies.
        #[cxx_name = "ensure_database"]
        fn guarded_ensure_database(self: &mut Metastore, name: &str, location: &str) -> Result<()>;
        /// Of a database; none where there is no such database.
        #[cxx_name = "tables"]
        fn guarded_tables(self: &mut Metastore, database: &str) -> Result<Vec<HiveTable>>;
        /// One, or none where there is no such table or database.
        #[cxx_name = "table"]
        fn guarded_table(self: &mut Metastore, database: &str, name: &str) -> Result<Vec<HiveTable>>;
        /// False when there is a table of that name.
        #[cxx_name = "create_table"]
        fn guarded_create_table(self: &mut Metastore, table: &HiveTable) -> Result<bool>;
        /// Replaces columns and properties of a table that is there.
        #[cxx_name = "alter_table"]
        fn guarded_alter_table(self: &mut Metastore, table: &HiveTable) -> Result<()>;
    }
}

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const REPLY_TIMEOUT: Duration = Duration::from_secs(20);
/// Rounds over all addresses, with a pause that doubles from this one between them.
const ROUNDS: u32 = 3;
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// Tables asked for in one call.
const BATCH: usize = 100;

type Client = ThriftHiveMetastoreSyncClient<
    TBinaryInputProtocol<TBufferedReadTransport<ReadHalf<TTcpChannel>>>,
    TBinaryOutputProtocol<TBufferedWriteTransport<WriteHalf<TTcpChannel>>>,
>;

pub struct Metastore {
    addresses: Vec<String>,
    user: String,
    client: Option<Client>,
}

pub fn new_metastore(addresses: Vec<String>, user: &str) -> Box<Metastore> {
    Box::new(Metastore { addresses, user: user.to_string(), client: None })
}

impl Metastore {
    pub fn databases(&mut self) -> Result<Vec<String>, Fault> {
        self.call("list databases", |client| client.get_all_databases())
    }

    pub fn ensure_database(&mut self, name: &str, location: &str) -> Result<(), Fault> {
        let action = format!("create database '{name}'");
        let found = self.call(&action, |client| absent_as_none(client.get_database(name.to_string())))?;
        if found.is_some() {
            return Ok(());
        }
        let database = Database {
            name: Some(name.to_string()),
            description: Some(String::new()),
            location_uri: Some(location.to_string()),
            parameters: Some(Default::default()),
        };
        self.call(&action, |client| unless_exists(client.create_database(database.clone()))).map(|_| ())
    }

    pub fn tables(&mut self, database: &str) -> Result<Vec<HiveTable>, Fault> {
        let action = format!("list the tables of database '{database}'");
        let names = self.call(&action, |client| client.get_all_tables(database.to_string()))?;
        let mut tables = Vec::new();
        for batch in names.chunks(BATCH) {
            let request = GetTablesRequest { db_name: database.to_string(), tbl_names: Some(batch.to_vec()) };
            let found = self.call(&action, |client| client.get_table_objects_by_name_req(request.clone()))?;
            tables.extend(found.tables.into_iter().map(from_protocol));
        }
        Ok(tables)
    }

    pub fn table(&mut self, database: &str, name: &str) -> Result<Vec<HiveTable>, Fault> {
        Ok(self.protocol_table(database, name)?.map(from_protocol).into_iter().collect())
    }

    pub fn create_table(&mut self, table: &HiveTable) -> Result<bool, Fault> {
        let new = to_protocol(table, &self.user);
        let action = format!("create table '{}.{}'", table.database, table.name);
        self.call(&action, |client| {
            unless_exists(client.create_table_with_environment_context(new.clone(), without_statistics()))
        })
    }

    pub fn alter_table(&mut self, table: &HiveTable) -> Result<(), Fault> {
        let action = format!("alter table '{}.{}'", table.database, table.name);
        let Some(mut found) = self.protocol_table(&table.database, &table.name)? else {
            return Err(format!("cannot {action}: it was dropped meanwhile"));
        };
        found.sd.get_or_insert_with(Default::default).cols = Some(columns_of(table));
        found.parameters = Some(properties_of(table));
        self.call(&action, |client| {
            client.alter_table_with_environment_context(
                table.database.clone(),
                table.name.clone(),
                found.clone(),
                without_statistics(),
            )
        })
    }

    fn protocol_table(&mut self, database: &str, name: &str) -> Result<Option<protocol::Table>, Fault> {
        let request = GetTableRequest { db_name: database.to_string(), tbl_name: name.to_string() };
        let found = self.call(&format!("read table '{database}.{name}'"), |client| {
            absent_as_none(client.get_table_req(request.clone()))
        })?;
        Ok(found.map(|result| result.table))
    }

    /// Calls on the open connection or a new one. An answer of the metastore is final, an error too; when the
    /// connection fails, the next address is tried, and after the last the first again, three rounds in all.
    fn call<T>(&mut self, action: &str, verb: impl Fn(&mut Client) -> thrift::Result<T>) -> Result<T, Fault> {
        let mut failure = String::new();
        let mut address = String::new();
        for round in 0..ROUNDS {
            if round > 0 {
                sleep(FIRST_PAUSE * (1 << (round - 1)));
            }
            for next in self.addresses.clone() {
                address = next;
                let called = match self.client.take() {
                    Some(client) => Ok(client),
                    None => connect(&address, &self.user),
                };
                let result = called.and_then(|mut client| {
                    let result = verb(&mut client);
                    self.client = Some(client);
                    result
                });
                match result {
                    Ok(value) => return Ok(value),
                    Err(thrift::Error::User(thrown)) => {
                        return Err(fault(format!("the Hive metastore cannot {action}"), told(thrown.as_ref())));
                    }
                    Err(thrift::Error::Transport(error)) => failure = error.message.to_string(),
                    Err(error) => {
                        self.client = None;
                        return Err(no_metastore(&address, error));
                    }
                }
                self.client = None;
            }
        }
        Err(unreachable(&address, &self.addresses, &failure))
    }
}

fn connect(address: &str, user: &str) -> thrift::Result<Client> {
    let stream = open(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(REPLY_TIMEOUT))?;
    stream.set_write_timeout(Some(REPLY_TIMEOUT))?;
    let (read, write) = TTcpChannel::with_stream(stream).split()?;
    let mut client = Client::new(
        TBinaryInputProtocol::new(TBufferedReadTransport::new(read), true),
        TBinaryOutputProtocol::new(TBufferedWriteTransport::new(write), true),
    );
    // Without it the metastore would act, and create folders, as the user that it runs as.
    client.set_ugi(user.to_string(), Vec::new())?;
    Ok(client)
}

fn open(address: &str) -> std::io::Result<TcpStream> {
    let mut last = std::io::Error::other("the host has no address");
    for socket in address.to_socket_addrs()? {
        match TcpStream::connect_timeout(&socket, CONNECT_TIMEOUT) {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn unreachable(last: &str, addresses: &[String], failure: &str) -> Fault {
    let whom = match addresses {
        [one] => format!("the Hive metastore at {one}"),
        _ => format!("any Hive metastore of {}, last {last}", addresses.join(", ")),
    };
    caused(fault(format!("cannot reach {whom}"), failure), UNREACHABLE)
        + "\nIs it running, and is catalog.hive.uri right? One with Kerberos, TLS or HTTP hangs up on this program, which \
           speaks plain Thrift."
}

fn no_metastore(address: &str, error: thrift::Error) -> Fault {
    fault(format!("what answers at {address} does not speak as a Hive metastore"), error)
        + "\nIs the port of catalog.hive.uri that of the metastore's Thrift service (9083 by default)? Hive 2.3 or newer is \
           needed, without Kerberos, TLS or HTTP transport."
}

/// What the metastore says in an exception; the texts that the compiler makes leave it out.
fn told(thrown: &(dyn std::error::Error + Send + Sync + 'static)) -> String {
    macro_rules! message_of {
        ($($kind:ident),*) => {$(
            if let Some(it) = thrown.downcast_ref::<$kind>() {
                return format!("{}: {}", stringify!($kind), it.message.as_deref().unwrap_or("no message"));
            }
        )*};
    }
    message_of!(
        MetaException,
        AlreadyExistsException,
        InvalidObjectException,
        InvalidOperationException,
        NoSuchObjectException,
        UnknownDBException
    );
    thrown.to_string()
}

/// The metastore would list the table's folder and note sizes, which are wrong after the next commit.
fn without_statistics() -> EnvironmentContext {
    EnvironmentContext { properties: Some([("DO_NOT_UPDATE_STATS".to_string(), "true".to_string())].into()) }
}

fn absent_as_none<T>(result: thrift::Result<T>) -> thrift::Result<Option<T>> {
    match result {
        Err(thrift::Error::User(thrown)) if thrown.is::<NoSuchObjectException>() => Ok(None),
        result => result.map(Some),
    }
}

fn unless_exists(result: thrift::Result<()>) -> thrift::Result<bool> {
    match result {
        Err(thrift::Error::User(thrown)) if thrown.is::<AlreadyExistsException>() => Ok(false),
        result => result.map(|()| true),
    }
}
