"""The tables of a review file, as a list of migrations.

Why it exists: a file made by any earlier version is brought up to date by running what follows its ``user_version``. A
migration that has been released is never edited; a change is a new entry at the end.

Invariants that the file itself keeps, whoever writes to it:
- the log of acts, events, generations and the model's replies can't be changed or deleted, nor can what was imported
  or read: citations, problems of a source, pages and passages; records and their sources can't be deleted, a
  criterion's words can't be changed;
- what a model says (reply, judgement, value) and what a person says (decision, verification) are different tables.

Words. *head*: the record that stands for its duplicate group; a record without duplicates is its own head. *act*: what
a person did, an entry of the log. *clock*: orders the acts. *outcome*: what holds for a report. *work*: one question
that is to be asked of the model now; its answer is a *reply*, kept for ever and found again by *key*, a hash of
everything that the answer depends on. *generation*: a number for each commit, with a random token, so that a file tells
whether another one is its ancestor. *seal*: the sum of the hashes of a table's rows (see ``seal``). *lease*: which
process has the model at work at a stage.
"""

from __future__ import annotations

from leads_local.review.earlier_schema import VERSION_1, VERSION_2, VERSION_3, VERSION_4
from leads_local.review.schema_guards import forbid_delete, forbid_replace, forbid_second, forbid_update

APPLICATION_ID = 0x4C454144  # "LEAD"

FILL_LOG = "-- Here the log is filled from the tables that come out."
"""Stands in a migration where Python has to work between its statements: see ``earlier_log``."""

DERIVE_OUTCOMES = "-- Here what holds of each report is derived anew."
"""Likewise, at the end of what has changed the rules by which it follows."""

# One log of what people did, from which the rest follows: docs/decisions/0007-one-log.md. record_id: this file's number
# of the record that the act is about.
_LOG = (
    """CREATE TABLE act (
        id INTEGER PRIMARY KEY, session TEXT NOT NULL, number INTEGER NOT NULL, clock INTEGER NOT NULL,
        gesture INTEGER NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL, said TEXT NOT NULL,
        reviewer TEXT NOT NULL, at TEXT NOT NULL, before TEXT NOT NULL, hash TEXT NOT NULL,
        record_id INTEGER REFERENCES record,
        UNIQUE (session, number)
    ) STRICT""",
    "CREATE INDEX act_by_subject ON act (kind, subject)",
    "CREATE INDEX act_by_record ON act (record_id)",
    "CREATE INDEX act_by_clock ON act (clock, session, number)",
    "CREATE INDEX act_by_gesture ON act (session, gesture)",
    # Which acts don't hold, each with every act that holds and takes it back.
    """CREATE TABLE revoked (
        act_id INTEGER NOT NULL REFERENCES act, by_id INTEGER NOT NULL REFERENCES act, PRIMARY KEY (act_id, by_id)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX revoked_by ON revoked (by_id)",
    # How each stage is decided; share: of the reports that two decide.
    """CREATE TABLE rule (
        stage TEXT PRIMARY KEY CHECK (stage IN ('abstract', 'fulltext')),
        kind TEXT NOT NULL CHECK (kind IN ('one', 'two', 'second-check', 'share', 'latest')), share REAL NOT NULL
    ) STRICT, WITHOUT ROWID""",
    # What holds of a report at a stage, by its head: choice is "" unless it is settled. clock: of the last act that it
    # follows from.
    """CREATE TABLE outcome (
        stage TEXT NOT NULL CHECK (stage IN ('abstract', 'fulltext')), record_id INTEGER NOT NULL REFERENCES record,
        state TEXT NOT NULL CHECK (state IN ('settled', 'waiting', 'conflict')),
        choice TEXT NOT NULL CHECK (choice IN ('', 'include', 'exclude', 'maybe')),
        reason TEXT NOT NULL, reviewer TEXT NOT NULL, at TEXT NOT NULL, clock INTEGER NOT NULL,
        PRIMARY KEY (stage, record_id),
        CHECK ((state = 'settled') = (choice <> ''))
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX outcome_by_choice ON outcome (stage, state, choice)",
    # What people added to a record. about: whose note, which tag, which field, which study it is of, or (JSON) which
    # record's study is another one; text: the note, the priority, what the corrected column holds, why of that study.
    """CREATE TABLE annotation (
        record_id INTEGER NOT NULL REFERENCES record,
        kind TEXT NOT NULL CHECK (kind IN ('note', 'tag', 'priority', 'correct', 'study', 'distinct')),
        about TEXT NOT NULL,
        text TEXT NOT NULL, reviewer TEXT NOT NULL, at TEXT NOT NULL,
        PRIMARY KEY (record_id, kind, about)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX annotation_by_kind ON annotation (kind, about)",
)

# What a record's source and PDF come to: absent: 1 while it is no record of the review, since its source was withdrawn
# or its PDF is not its own any more. place: which of its source's records it is, from 1, in every copy and work
# package. ignored: a person wants a file for no record.
_PRESENCE = (
    "ALTER TABLE record ADD COLUMN absent INTEGER NOT NULL DEFAULT 0 CHECK (absent IN (0, 1))",
    "ALTER TABLE record ADD COLUMN place INTEGER NOT NULL DEFAULT 0",
    "UPDATE record SET place = id + 1 - (SELECT min(f.id) FROM record f WHERE f.source_id = record.source_id)",
    "CREATE UNIQUE INDEX record_by_place ON record (source_id, place)",
    "DROP INDEX record_by_source",
    """CREATE TABLE withdrawal (
        source_id INTEGER PRIMARY KEY REFERENCES source, reason TEXT NOT NULL, reviewer TEXT NOT NULL, at TEXT NOT NULL
    ) STRICT""",
    "ALTER TABLE document ADD COLUMN ignored INTEGER NOT NULL DEFAULT 0 CHECK (ignored IN (0, 1))",
    # Which records a file belongs to. further: 1 beside another one that it belongs to by itself. role: which of the
    # report's files it is; first_page, last_page: which of its pages are the report's, 0 for all.
    """CREATE TABLE file_link (
        document_id INTEGER NOT NULL REFERENCES document, record_id INTEGER NOT NULL REFERENCES record,
        further INTEGER NOT NULL CHECK (further IN (0, 1)),
        role TEXT NOT NULL CHECK (role IN ('main', 'supplement', 'protocol')),
        first_page INTEGER NOT NULL, last_page INTEGER NOT NULL,
        PRIMARY KEY (document_id, record_id),
        CHECK ((first_page = 0 AND last_page = 0) OR (first_page > 0 AND last_page >= first_page))
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX file_link_by_record ON file_link (record_id)",
    "INSERT INTO file_link SELECT id, record_id, 0, 'main', 0, 0 FROM document WHERE record_id IS NOT NULL",
)

_VERSION_5 = (
    *_LOG,
    "ALTER TABLE decision RENAME TO decision_before",
    # What each reviewer decides, the last time: act_id is that act's.
    """CREATE TABLE decision (
        stage TEXT NOT NULL CHECK (stage IN ('abstract', 'fulltext')),
        record_id INTEGER NOT NULL REFERENCES record, reviewer TEXT NOT NULL,
        choice TEXT NOT NULL CHECK (choice IN ('include', 'exclude', 'maybe')),
        reason TEXT NOT NULL, at TEXT NOT NULL, act_id INTEGER NOT NULL UNIQUE REFERENCES act, clock INTEGER NOT NULL,
        PRIMARY KEY (stage, record_id, reviewer)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX decision_by_clock ON decision (stage, clock, reviewer)",
    # It says nothing but what its act says, and stays until that is taken back. (Triggers may not read JSON.)
    *(
        f"""CREATE TRIGGER decision_{name} BEFORE {change} ON decision WHEN NOT EXISTS (
            SELECT 1 FROM act WHERE id = NEW.act_id AND kind = 'decide' AND record_id = NEW.record_id
                AND reviewer = NEW.reviewer AND at = NEW.at AND clock = NEW.clock
                AND subject LIKE '%,"' || NEW.stage || '"]' AND said LIKE '{{"choice":"' || NEW.choice || '",%'
        ) BEGIN SELECT RAISE(ABORT, 'a decision follows from an act'); END"""
        for name, change in (("follows", "INSERT"), ("still_follows", "UPDATE"))
    ),
    """CREATE TRIGGER decision_stays BEFORE DELETE ON decision
        WHEN NOT EXISTS (SELECT 1 FROM revoked WHERE act_id = OLD.act_id)
        BEGIN SELECT RAISE(ABORT, 'a decision stays until it is taken back'); END""",
    # The tables again: their triggers wrote histories. clock: that of the log when the group got its members.
    "ALTER TABLE verification RENAME TO verification_before",
    """CREATE TABLE verification (
        value_id INTEGER PRIMARY KEY REFERENCES value,
        status TEXT NOT NULL CHECK (status IN ('accepted', 'edited', 'rejected')),
        text TEXT NOT NULL, note TEXT NOT NULL, reviewer TEXT NOT NULL, at TEXT NOT NULL
    ) STRICT""",
    "ALTER TABLE duplicate_group RENAME COLUMN seq TO clock",
    *_PRESENCE,
    # criteria: JSON list, the ids of those that were judged, to tell whether they are the ones that are asked now.
    "ALTER TABLE screening ADD COLUMN criteria TEXT NOT NULL DEFAULT '[]'",
    "UPDATE screening SET criteria = (SELECT json_group_array(i) FROM (SELECT DISTINCT j.criterion_id AS i FROM "
    "judgement j WHERE j.reply_id = screening.reply_id ORDER BY i))",
    # Of which records it is said that their report was sought and could not be had.
    """CREATE TABLE retrieval (
        record_id INTEGER PRIMARY KEY REFERENCES record, reviewer TEXT NOT NULL, at TEXT NOT NULL
    ) STRICT""",
    # Since the review was continued as an update: of which sources its records were before, and what held then of those
    # of which anything did.
    "CREATE TABLE previous_source (source_id INTEGER PRIMARY KEY REFERENCES source) STRICT",
    """CREATE TABLE previous_choice (
        record_id INTEGER PRIMARY KEY REFERENCES record, choice TEXT NOT NULL CHECK (choice IN ('include', 'exclude'))
    ) STRICT""",
    # Reports that a limit takes out before screening, by their heads, and which limit: it excludes, the report is not
    # within it, and nobody has decided its abstract.
    "CREATE TABLE ruled_out (record_id INTEGER PRIMARY KEY REFERENCES record, by_limit TEXT NOT NULL) STRICT",
    FILL_LOG,
    "DROP TABLE decision_before",
    "DROP TABLE decision_history",
    "DROP TABLE verification_before",
    "DROP TABLE verification_history",
    "DROP INDEX document_by_record",
    "ALTER TABLE document DROP COLUMN record_id",
    *(make("act") for make in (forbid_update, forbid_delete, forbid_replace)),
    forbid_second("act", "session = NEW.session AND number = NEW.number", "named"),
)

_VERSION_6: tuple[str, ...] = (
    # What could be read of a file, as JSON (see documents.reading_report); "" where an earlier version read it.
    "ALTER TABLE document ADD COLUMN reading TEXT NOT NULL DEFAULT ''",
    # A file may be a correction of its report's paper, too.
    "DROP INDEX file_link_by_record",
    "ALTER TABLE file_link RENAME TO file_link_before",
    """CREATE TABLE file_link (
        document_id INTEGER NOT NULL REFERENCES document, record_id INTEGER NOT NULL REFERENCES record,
        further INTEGER NOT NULL CHECK (further IN (0, 1)),
        role TEXT NOT NULL CHECK (role IN ('main', 'supplement', 'protocol', 'correction')),
        first_page INTEGER NOT NULL, last_page INTEGER NOT NULL,
        PRIMARY KEY (document_id, record_id),
        CHECK ((first_page = 0 AND last_page = 0) OR (first_page > 0 AND last_page >= first_page))
    ) STRICT, WITHOUT ROWID""",
    "INSERT INTO file_link SELECT * FROM file_link_before",
    "DROP TABLE file_link_before",
    "CREATE INDEX file_link_by_record ON file_link (record_id)",
    # Which records were compared with all others for duplicates, by which rules, and by which keys they are found again
    # (numbers of four bytes). What is not here is compared anew.
    """CREATE TABLE compared (
        record_id INTEGER PRIMARY KEY REFERENCES record, rules INTEGER NOT NULL, keys BLOB NOT NULL
    ) STRICT""",
    """CREATE TRIGGER compared_before_it_moved AFTER UPDATE OF head, absent, separate ON record
        WHEN OLD.head <> NEW.head OR OLD.absent <> NEW.absent OR OLD.separate <> NEW.separate
        BEGIN DELETE FROM compared WHERE record_id = NEW.id; END""",
    *(
        f"""CREATE TRIGGER compared_before_{name} AFTER {change} ON annotation WHEN {row}.kind = 'correct'
        BEGIN DELETE FROM compared WHERE record_id = {row}.record_id; END"""
        for name, change, row in (("correction", "INSERT", "NEW"), ("restoring", "DELETE", "OLD"))
    ),
    DERIVE_OUTCOMES,  # stays the last
)

SEALED_SINCE = 3
"""The version from which a file carries seals and generations."""

MIGRATIONS: tuple[tuple[str, ...], ...] = (VERSION_1, VERSION_2, VERSION_3, VERSION_4, _VERSION_5, _VERSION_6)
