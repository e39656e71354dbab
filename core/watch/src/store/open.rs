//! Opening: a new file, ours, an older one of ours, or somebody else's, which is set aside and never written to.

use super::{Store, StoreError, briefs, now_ms};
use crate::watcher::Lock;
use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};
use std::path::{Path, PathBuf};

/// `giqa` in ASCII: what makes a database file ours.
const APPLICATION_ID: i64 = 0x6769_7161;
/// One per version of the schema, applied in order: SQL, and what SQL can't do, in one transaction.
const MIGRATIONS: [(&str, Fill); 2] =
    [(include_str!("schema.sql"), |_| Ok(())), (include_str!("schema-2.sql"), briefs::fill)];
type Fill = fn(&Transaction<'_>) -> rusqlite::Result<()>;
/// Name of the file in the state folder.
const FILE: &str = "store.sqlite3";
/// How long another connection may hold the file.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);

impl Store {
    /// Where the store of a state folder lies.
    #[must_use]
    pub fn file_in(state_dir: &Path) -> PathBuf {
        state_dir.join(FILE)
    }

    /// Opens the store of a state folder for writing, making both when they are missing. A file that is corrupt or not
    /// ours is renamed first; the sentence that comes back says so.
    ///
    /// # Errors
    /// [`StoreError`] when the folder can't be used or a newer giqa wrote the file.
    pub fn open(state_dir: &Path) -> Result<(Self, Option<String>), StoreError> {
        let folder = |source| StoreError::Folder { path: state_dir.to_owned(), reason: source };
        std::fs::create_dir_all(state_dir).map_err(folder)?;
        let path = Self::file_in(state_dir);
        match Self::ready(&path) {
            Err(why) if is_foreign(&why) => {
                let aside = path.with_file_name(format!("{FILE}.set-aside-{}", now_ms()));
                std::fs::rename(&path, &aside)
                    .map_err(|source| StoreError::Folder { path: path.clone(), reason: source })?;
                for ending in ["-wal", "-shm"] {
                    let with = |p: &Path| PathBuf::from(format!("{}{ending}", p.display()));
                    // They belong to the file that was set aside; mostly there are none.
                    let _ = std::fs::rename(with(&path), with(&aside));
                }
                let note = format!(
                    "{}: not a store of giqa, or damaged ({why}); it was kept as {} and a new one begun",
                    path.display(),
                    aside.display()
                );
                Ok((Self::ready(&path)?, Some(note)))
            }
            other => other.map(|store| (store, None)),
        }
    }

    /// Opens the store of a state folder for reading beside a watcher. One of an older version is brought up to date
    /// first.
    ///
    /// # Errors
    /// [`StoreError`] when there is none, it is a newer one, or an older giqa is watching with it.
    pub fn read(state_dir: &Path) -> Result<Self, StoreError> {
        Self::beside(state_dir, OpenFlags::SQLITE_OPEN_READ_ONLY)
    }

    /// Opens the store of a state folder for small writes beside a watcher; as [`Store::read`] otherwise.
    pub(super) fn write_beside(state_dir: &Path) -> Result<Self, StoreError> {
        let store = Self::beside(state_dir, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        store.prepare_to_write()?;
        Ok(store)
    }

    fn beside(state_dir: &Path, how: OpenFlags) -> Result<Self, StoreError> {
        let path = Self::file_in(state_dir);
        // A missing one is not made only to be looked at.
        if !path.is_file() {
            return Err(StoreError::Missing { path });
        }
        let open = || {
            let connection = Connection::open_with_flags(&path, how | OpenFlags::SQLITE_OPEN_NO_MUTEX)
                .map_err(|e| wrapped(&path, e))?;
            let store = Self { connection, path: path.clone() };
            store.connection.busy_timeout(PATIENCE).map_err(|e| store.wrap(e))?;
            Ok(store)
        };
        let known = MIGRATIONS.len() as i64;
        let store = open()?;
        match store.versions()? {
            (APPLICATION_ID, version) if version == known => Ok(store),
            (APPLICATION_ID, found) if (1..known).contains(&found) => {
                drop(store);
                let _free = Lock::take(state_dir).map_err(|error| match error {
                    StoreError::InUse { pid, .. } => StoreError::Older { path: path.clone(), found, known, pid },
                    other => other,
                })?;
                Self::open(state_dir)?;
                open()
            }
            (_, found) => Err(store.newer(found)),
        }
    }

    fn ready(path: &Path) -> Result<Self, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(|e| wrapped(path, e))?;
        let mut store = Self { connection, path: path.to_owned() };
        store.connection.busy_timeout(PATIENCE).map_err(|e| store.wrap(e))?;
        // Looked at before anything is written: another program's database is none of our business.
        let (application, version) = store.versions()?;
        let tables: i64 = store
            .connection
            .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
            .map_err(|e| store.wrap(e))?;
        if application != APPLICATION_ID && (application != 0 || version != 0 || tables != 0) {
            return Err(store.content("it is a database of another program"));
        }
        if version > MIGRATIONS.len() as i64 {
            return Err(store.newer(version));
        }
        let sound: String =
            store.connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(|e| store.wrap(e))?;
        if sound != "ok" {
            return Err(store.content(sound));
        }
        store.prepare_to_write()?;
        store.migrate(version)?;
        Ok(store)
    }

    /// NORMAL: whatever a power cut takes is found again, but for what `write_durably` writes.
    fn prepare_to_write(&self) -> Result<(), StoreError> {
        self.connection
            .execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 250;")
            .map_err(|e| self.wrap(e))
    }

    fn migrate(&mut self, from: i64) -> Result<(), StoreError> {
        let path = self.path.clone();
        for (at, (sql, fill)) in MIGRATIONS.iter().enumerate().skip(from as usize) {
            let run = |connection: &mut Connection| {
                let step = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
                step.execute_batch(sql)?;
                fill(&step)?;
                step.pragma_update(None, "application_id", APPLICATION_ID)?;
                step.pragma_update(None, "user_version", at as i64 + 1)?;
                step.commit()
            };
            run(&mut self.connection).map_err(|e| wrapped(&path, e))?;
        }
        Ok(())
    }

    fn versions(&self) -> Result<(i64, i64), StoreError> {
        let pragma = |name: &str| self.connection.pragma_query_value(None, name, |row| row.get(0));
        let both = pragma("application_id").and_then(|id| Ok((id, pragma("user_version")?)));
        both.map_err(|e| self.wrap(e))
    }

    fn newer(&self, found: i64) -> StoreError {
        StoreError::Newer { path: self.path.clone(), found, known: MIGRATIONS.len() as i64 }
    }

    pub(super) fn content(&self, what: impl Into<String>) -> StoreError {
        StoreError::Content { path: self.path.clone(), what: what.into() }
    }

    pub(super) fn wrap(&self, source: rusqlite::Error) -> StoreError {
        wrapped(&self.path, source)
    }
}

pub(super) fn wrapped(path: &Path, source: rusqlite::Error) -> StoreError {
    let path = path.to_owned();
    match source.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StoreError::Full { path },
        _ => StoreError::Sqlite { path, reason: source },
    }
}

/// Whether the file is none of ours or broken, as against a disk or a permission that is.
fn is_foreign(error: &StoreError) -> bool {
    match error {
        StoreError::Content { .. } => true,
        StoreError::Sqlite { reason: source, .. } => {
            matches!(source.sqlite_error_code(), Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt))
        }
        _ => false,
    }
}
