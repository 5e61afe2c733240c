"""The tables of review files up to version 4, as lists of statements. They are never edited: files of these versions are
brought up to date by what follows theirs.

The words are those of ``schema``; besides: *seq* numbered all decisions of a file in the order in which they were made.
"""

from __future__ import annotations

from leads_local.review.schema_guards import forbid_delete, forbid_replace, forbid_second, forbid_update

_QUESTION = (
    """CREATE TABLE review (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        title TEXT NOT NULL, population TEXT NOT NULL, intervention TEXT NOT NULL, comparison TEXT NOT NULL, outcome TEXT NOT NULL,
        created_at TEXT NOT NULL, made_by TEXT NOT NULL
    ) STRICT""",
    # A criterion that is no longer asked stays, inactive: judgements point at the words that were judged.
    """CREATE TABLE criterion (
        id INTEGER PRIMARY KEY,
        origin TEXT NOT NULL CHECK (origin IN ('question', 'reviewer')),
        stage TEXT NOT NULL CHECK (stage IN ('', 'abstract', 'fulltext')),
        name TEXT NOT NULL, text TEXT NOT NULL,
        position INTEGER NOT NULL, active INTEGER NOT NULL DEFAULT 1,
        UNIQUE (origin, stage, name, text)
    ) STRICT""",
    """CREATE TABLE event (
        id INTEGER PRIMARY KEY, kind TEXT NOT NULL, text TEXT NOT NULL, reviewer TEXT NOT NULL,
        at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
    ) STRICT""",
)

_RECORDS = (
    """CREATE TABLE source (
        id INTEGER PRIMARY KEY, path TEXT NOT NULL, sha256 TEXT NOT NULL UNIQUE, format TEXT NOT NULL, encoding TEXT NOT NULL,
        origin TEXT NOT NULL CHECK (origin IN ('file', 'pdf')), at TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE source_problem (
        id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL REFERENCES source, line INTEGER NOT NULL,
        message TEXT NOT NULL, raw TEXT NOT NULL
    ) STRICT""",
    # Narrow on purpose: lists of 100,000 records are read from here without touching a single abstract.
    """CREATE TABLE record (
        id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL REFERENCES source,
        head INTEGER NOT NULL REFERENCES record DEFERRABLE INITIALLY DEFERRED,
        separate INTEGER NOT NULL DEFAULT 0 CHECK (separate IN (0, 1)),
        CHECK (separate = 0 OR head = id)
    ) STRICT""",
    "CREATE INDEX record_by_head ON record (head)",
    "CREATE INDEX record_by_source ON record (source_id)",
    # authors, keywords, urls: JSON lists of strings; extra: JSON list of [tag, value].
    """CREATE TABLE citation (
        record_id INTEGER PRIMARY KEY REFERENCES record,
        number INTEGER NOT NULL, title TEXT NOT NULL, authors TEXT NOT NULL, year INTEGER, journal TEXT NOT NULL,
        volume TEXT NOT NULL, issue TEXT NOT NULL, pages TEXT NOT NULL, doi TEXT NOT NULL, pmid TEXT NOT NULL,
        language TEXT NOT NULL, kind TEXT NOT NULL, keywords TEXT NOT NULL, urls TEXT NOT NULL, extra TEXT NOT NULL, abstract TEXT NOT NULL
    ) STRICT""",
    # reasons: JSON list of strings. seq: the newest decision when the group got its present members.
    """CREATE TABLE duplicate_group (
        head INTEGER PRIMARY KEY REFERENCES record, reasons TEXT NOT NULL, seq INTEGER NOT NULL, at TEXT NOT NULL
    ) STRICT""",
)

_DECISIONS = (
    # previous: the seq of the decision that this one replaced (0: none), which is what undo goes back to.
    """CREATE TABLE decision (
        stage TEXT NOT NULL CHECK (stage IN ('abstract', 'fulltext')),
        record_id INTEGER NOT NULL REFERENCES record,
        choice TEXT NOT NULL CHECK (choice IN ('include', 'exclude', 'maybe')),
        reason TEXT NOT NULL, reviewer TEXT NOT NULL, at TEXT NOT NULL,
        seq INTEGER NOT NULL UNIQUE, previous INTEGER NOT NULL,
        PRIMARY KEY (stage, record_id)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE decision_history (
        id INTEGER PRIMARY KEY, action TEXT NOT NULL CHECK (action IN ('decided', 'undone')),
        stage TEXT NOT NULL, record_id INTEGER NOT NULL REFERENCES record, choice TEXT NOT NULL, reason TEXT NOT NULL,
        reviewer TEXT NOT NULL, decided_at TEXT NOT NULL, seq INTEGER NOT NULL, previous INTEGER NOT NULL,
        at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
    ) STRICT""",
    "CREATE INDEX decision_history_by_seq ON decision_history (seq)",
    "CREATE INDEX decision_history_by_record ON decision_history (record_id)",
    """CREATE TRIGGER decision_made AFTER INSERT ON decision BEGIN
        INSERT INTO decision_history (action, stage, record_id, choice, reason, reviewer, decided_at, seq, previous)
        VALUES ('decided', NEW.stage, NEW.record_id, NEW.choice, NEW.reason, NEW.reviewer, NEW.at, NEW.seq, NEW.previous);
    END""",
    # An update to a later seq is a new decision; to an earlier one it takes the old row back.
    """CREATE TRIGGER decision_remade AFTER UPDATE ON decision WHEN NEW.seq > OLD.seq BEGIN
        INSERT INTO decision_history (action, stage, record_id, choice, reason, reviewer, decided_at, seq, previous)
        VALUES ('decided', NEW.stage, NEW.record_id, NEW.choice, NEW.reason, NEW.reviewer, NEW.at, NEW.seq, NEW.previous);
    END""",
    """CREATE TRIGGER decision_taken_back AFTER UPDATE ON decision WHEN NEW.seq < OLD.seq BEGIN
        INSERT INTO decision_history (action, stage, record_id, choice, reason, reviewer, decided_at, seq, previous)
        VALUES ('undone', OLD.stage, OLD.record_id, OLD.choice, OLD.reason, OLD.reviewer, OLD.at, OLD.seq, OLD.previous);
    END""",
    """CREATE TRIGGER decision_in_place BEFORE UPDATE ON decision
        WHEN NEW.seq = OLD.seq OR NEW.stage <> OLD.stage OR NEW.record_id <> OLD.record_id
        BEGIN SELECT RAISE(ABORT, 'a decision is replaced by a later one, never edited'); END""",
    """CREATE TRIGGER decision_removed AFTER DELETE ON decision BEGIN
        INSERT INTO decision_history (action, stage, record_id, choice, reason, reviewer, decided_at, seq, previous)
        VALUES ('undone', OLD.stage, OLD.record_id, OLD.choice, OLD.reason, OLD.reviewer, OLD.at, OLD.seq, OLD.previous);
    END""",
)

_DOCUMENTS = (
    # record_id is NULL for a file that could not be read and whose record nobody has named. info: JSON list of [name,
    # text].
    """CREATE TABLE document (
        id INTEGER PRIMARY KEY, sha256 TEXT NOT NULL UNIQUE, path TEXT NOT NULL, problem TEXT NOT NULL, notice TEXT NOT NULL,
        info TEXT NOT NULL DEFAULT '[]', record_id INTEGER REFERENCES record, how TEXT NOT NULL, at TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX document_by_record ON document (record_id)",
    """CREATE TABLE page (
        document_id INTEGER NOT NULL REFERENCES document, number INTEGER NOT NULL,
        width REAL NOT NULL, height REAL NOT NULL, characters INTEGER NOT NULL,
        PRIMARY KEY (document_id, number)
    ) STRICT, WITHOUT ROWID""",
    # spans: JSON list of [start, end, page, x0, y0, x1, y1].
    """CREATE TABLE passage (
        id INTEGER PRIMARY KEY, document_id INTEGER NOT NULL REFERENCES document, position INTEGER NOT NULL, kind TEXT NOT NULL,
        section TEXT NOT NULL, text TEXT NOT NULL, spans TEXT NOT NULL,
        UNIQUE (document_id, position)
    ) STRICT""",
)

_WORK = (
    # left_out: JSON list of the parts of a paper that did not fit into the prompt.
    """CREATE TABLE reply (
        id INTEGER PRIMARY KEY, key TEXT NOT NULL, task TEXT NOT NULL, stage TEXT NOT NULL, record_id INTEGER NOT NULL REFERENCES record,
        item TEXT NOT NULL, text TEXT NOT NULL, finish TEXT NOT NULL, reason TEXT NOT NULL,
        prompt_tokens INTEGER NOT NULL, shared_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL, forced_tokens INTEGER NOT NULL,
        seconds REAL NOT NULL, margin REAL, model TEXT NOT NULL, model_sha256 TEXT NOT NULL, pack TEXT NOT NULL,
        left_out TEXT NOT NULL, at TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX reply_by_key ON reply (key)",
    "CREATE INDEX reply_by_record ON reply (record_id)",
    """CREATE TABLE work (
        id INTEGER PRIMARY KEY, task TEXT NOT NULL, stage TEXT NOT NULL, record_id INTEGER NOT NULL REFERENCES record,
        item TEXT NOT NULL, key TEXT NOT NULL, state TEXT NOT NULL CHECK (state IN ('pending', 'done', 'failed')),
        reason TEXT NOT NULL, reply_id INTEGER REFERENCES reply,
        UNIQUE (record_id, task, stage, item),
        CHECK ((state = 'failed') = (reason <> ''))
    ) STRICT""",
    "CREATE INDEX work_by_state ON work (state, stage, task)",
    """CREATE TABLE judgement (
        reply_id INTEGER NOT NULL REFERENCES reply, position INTEGER NOT NULL, criterion_id INTEGER NOT NULL REFERENCES criterion,
        eligibility TEXT NOT NULL, rationale TEXT NOT NULL,
        PRIMARY KEY (reply_id, position)
    ) STRICT, WITHOUT ROWID""",
    # The newest model screening of each record: a suggestion and its score.
    """CREATE TABLE screening (
        stage TEXT NOT NULL, record_id INTEGER NOT NULL REFERENCES record, reply_id INTEGER NOT NULL REFERENCES reply, score REAL NOT NULL,
        PRIMARY KEY (stage, record_id)
    ) STRICT, WITHOUT ROWID""",
)

_VALUES = (
    # places: JSON list of [page, x0, y0, x1, y1]. current: 0 once a later extraction has replaced it; nothing is
    # deleted.
    """CREATE TABLE value (
        id INTEGER PRIMARY KEY, record_id INTEGER NOT NULL REFERENCES record, reply_id INTEGER REFERENCES reply,
        task TEXT NOT NULL, item TEXT NOT NULL, arm TEXT NOT NULL, part TEXT NOT NULL, text TEXT NOT NULL, note TEXT NOT NULL,
        document_id INTEGER REFERENCES document, quote TEXT, match TEXT NOT NULL, passage INTEGER NOT NULL, places TEXT NOT NULL,
        current INTEGER NOT NULL DEFAULT 1, at TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX value_by_record ON value (record_id, current)",
    """CREATE TABLE verification (
        value_id INTEGER PRIMARY KEY REFERENCES value,
        status TEXT NOT NULL CHECK (status IN ('accepted', 'edited', 'rejected')),
        text TEXT NOT NULL, note TEXT NOT NULL, reviewer TEXT NOT NULL, at TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE verification_history (
        id INTEGER PRIMARY KEY, action TEXT NOT NULL CHECK (action IN ('verified', 'undone')),
        value_id INTEGER NOT NULL REFERENCES value, status TEXT NOT NULL, text TEXT NOT NULL, note TEXT NOT NULL,
        reviewer TEXT NOT NULL, verified_at TEXT NOT NULL, at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
    ) STRICT""",
    "CREATE INDEX verification_history_by_value ON verification_history (value_id)",
    """CREATE TRIGGER verification_made AFTER INSERT ON verification BEGIN
        INSERT INTO verification_history (action, value_id, status, text, note, reviewer, verified_at)
        VALUES ('verified', NEW.value_id, NEW.status, NEW.text, NEW.note, NEW.reviewer, NEW.at);
    END""",
    """CREATE TRIGGER verification_remade AFTER UPDATE ON verification BEGIN
        INSERT INTO verification_history (action, value_id, status, text, note, reviewer, verified_at)
        VALUES ('verified', NEW.value_id, NEW.status, NEW.text, NEW.note, NEW.reviewer, NEW.at);
    END""",
    """CREATE TRIGGER verification_removed AFTER DELETE ON verification BEGIN
        INSERT INTO verification_history (action, value_id, status, text, note, reviewer, verified_at)
        VALUES ('undone', OLD.value_id, OLD.status, OLD.text, OLD.note, OLD.reviewer, OLD.at);
    END""",
    # What was proposed stays as it was proposed: only whether it is current may change.
    """CREATE TRIGGER value_as_proposed BEFORE UPDATE ON value
        WHEN NEW.id <> OLD.id OR NEW.text <> OLD.text OR NEW.record_id <> OLD.record_id OR NEW.task <> OLD.task
            OR NEW.item <> OLD.item OR NEW.arm <> OLD.arm OR NEW.part <> OLD.part OR NEW.quote IS NOT OLD.quote
        BEGIN SELECT RAISE(ABORT, 'a proposed value is never edited'); END""",
)


_LOGS = ("decision_history", "verification_history", "event", "reply")
_PERMANENT = ("record", "source", "value", "document")
_GUARDS = (
    *(make(table) for table in _LOGS for make in (forbid_update, forbid_delete, forbid_replace)),
    *(make(table) for table in _PERMANENT for make in (forbid_delete, forbid_replace)),
)

VERSION_1 = (*_QUESTION, *_RECORDS, *_DECISIONS, *_DOCUMENTS, *_WORK, *_VALUES, *_GUARDS)

# Ways of asking (mode, layout), papers asked in parts (part 1 to parts; 0 of 0: as one text), and the model's
# probabilities.
VERSION_2 = (
    # choices: JSON list of [[beginning, probability], …], one for each word that was chosen out of a list.
    *(
        f"ALTER TABLE reply ADD COLUMN {column}"
        for column in (
            "mode TEXT NOT NULL DEFAULT 'full'",
            "layout TEXT NOT NULL DEFAULT 'trained'",
            "part INTEGER NOT NULL DEFAULT 0",
            "parts INTEGER NOT NULL DEFAULT 0",
            "choices TEXT NOT NULL DEFAULT '[]'",
        )
    ),
    # The table again, since a part is a question of its own and SQLite can't change what is unique.
    "ALTER TABLE work RENAME TO work_before",
    "DROP INDEX work_by_state",
    """CREATE TABLE work (
        id INTEGER PRIMARY KEY, task TEXT NOT NULL, stage TEXT NOT NULL, record_id INTEGER NOT NULL REFERENCES record,
        item TEXT NOT NULL, mode TEXT NOT NULL DEFAULT 'full', layout TEXT NOT NULL DEFAULT 'trained',
        part INTEGER NOT NULL DEFAULT 0, parts INTEGER NOT NULL DEFAULT 0,
        key TEXT NOT NULL, state TEXT NOT NULL CHECK (state IN ('pending', 'done', 'failed')),
        reason TEXT NOT NULL, reply_id INTEGER REFERENCES reply,
        UNIQUE (record_id, task, stage, item, part, parts),
        CHECK ((state = 'failed') = (reason <> ''))
    ) STRICT""",
    "INSERT INTO work (id, task, stage, record_id, item, key, state, reason, reply_id) "
    "SELECT id, task, stage, record_id, item, key, state, reason, reply_id FROM work_before",
    "DROP TABLE work_before",
    "CREATE INDEX work_by_state ON work (state, stage, task)",
    *(f"ALTER TABLE judgement ADD COLUMN {word} REAL" for word in ("p_yes", "p_partial", "p_no", "p_uncertain")),
    # A reason that was given later for a judgement; the judgement itself stays as it was. The newest is shown.
    """CREATE TABLE rationale (
        judged_by INTEGER NOT NULL, position INTEGER NOT NULL, reply_id INTEGER NOT NULL REFERENCES reply, text TEXT NOT NULL,
        PRIMARY KEY (judged_by, position, reply_id),
        FOREIGN KEY (judged_by, position) REFERENCES judgement (reply_id, position)
    ) STRICT, WITHOUT ROWID""",
    # expected: the score that the probabilities lead one to expect. replies: JSON list of those that judged the paper's
    # parts.
    "ALTER TABLE screening ADD COLUMN expected REAL",
    "ALTER TABLE screening ADD COLUMN replies TEXT NOT NULL DEFAULT '[]'",
    *(make(table) for table in ("judgement", "rationale") for make in (forbid_update, forbid_delete)),
    *(
        f"CREATE TRIGGER {table}_once BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) "
        f"BEGIN SELECT RAISE(ABORT, '{table} is never replaced'); END"
        for table, same in (
            ("judgement", "reply_id = NEW.reply_id AND position = NEW.position"),
            ("rationale", "judged_by = NEW.judged_by AND position = NEW.position AND reply_id = NEW.reply_id"),
        )
    ),
)


# The first generation's token is what tells one review from another; files from before get one from the moment of their
# making.
VERSION_3 = (
    "CREATE TABLE generation (number INTEGER PRIMARY KEY, token INTEGER NOT NULL) STRICT",
    "CREATE TABLE seal (name TEXT PRIMARY KEY, rows INTEGER NOT NULL, digest TEXT NOT NULL) STRICT, WITHOUT ROWID",
    *(
        make(table)
        for table in ("generation", "citation", "source_problem", "page", "passage")
        for make in (forbid_update, forbid_delete)
    ),
    forbid_delete("criterion"),
    """CREATE TRIGGER criterion_keep BEFORE UPDATE ON criterion
        WHEN NEW.id <> OLD.id OR NEW.origin <> OLD.origin OR NEW.stage <> OLD.stage OR NEW.name <> OLD.name OR NEW.text <> OLD.text
        BEGIN SELECT RAISE(ABORT, 'criterion is never changed'); END""",
    forbid_second("generation", "number = NEW.number"),
    forbid_second("citation", "record_id = NEW.record_id"),
    forbid_second("source_problem", "id = NEW.id"),
    forbid_second("page", "document_id = NEW.document_id AND number = NEW.number"),
    forbid_second("passage", "id = NEW.id OR (document_id = NEW.document_id AND position = NEW.position)"),
    forbid_second(
        "criterion",
        "id = NEW.id OR (origin = NEW.origin AND stage = NEW.stage AND name = NEW.name AND text = NEW.text)",
    ),
    forbid_second("source", "sha256 = NEW.sha256", "same"),
    forbid_second("document", "sha256 = NEW.sha256", "same"),
)

# Of a value only whether it is current may change.
_PROPOSED = (
    *("id", "record_id", "reply_id", "task", "item", "arm", "part", "text", "note", "document_id", "quote", "match"),
    *("passage", "places", "at", "parts_disagree", "cut"),
)

# What code asks about is a column of its own; up to version 3 it was read out of prose (a note, a stage's name, how a
# document was linked), which stays for people.
_REAL_STAGE = """CASE WHEN stage LIKE 'evaluation abstract %' THEN 'abstract'
    WHEN stage LIKE 'evaluation fulltext %' THEN 'fulltext' ELSE stage END"""
# Who has the model at work at a stage: at most one process. The one row of the file that only holds while a process
# lives; see ``store/leases``.
_LEASES = (
    """CREATE TABLE lease (
        stage TEXT PRIMARY KEY, token TEXT NOT NULL, what TEXT NOT NULL, host TEXT NOT NULL, process INTEGER NOT NULL,
        started REAL NOT NULL, file TEXT NOT NULL, since TEXT NOT NULL, heard TEXT NOT NULL
    ) STRICT, WITHOUT ROWID""",
)

VERSION_4 = (
    *_LEASES,
    # comparison: 1 where the question is asked only to compare ways of asking, and its answer is shown nowhere else.
    "ALTER TABLE work RENAME TO work_before",
    "DROP INDEX work_by_state",
    """CREATE TABLE work (
        id INTEGER PRIMARY KEY, task TEXT NOT NULL, stage TEXT NOT NULL, record_id INTEGER NOT NULL REFERENCES record,
        item TEXT NOT NULL, mode TEXT NOT NULL, layout TEXT NOT NULL, part INTEGER NOT NULL, parts INTEGER NOT NULL,
        comparison INTEGER NOT NULL CHECK (comparison IN (0, 1)),
        key TEXT NOT NULL, state TEXT NOT NULL CHECK (state IN ('pending', 'done', 'failed')),
        reason TEXT NOT NULL, reply_id INTEGER REFERENCES reply,
        CHECK ((state = 'failed') = (reason <> ''))
    ) STRICT""",
    # A question stands once; where ways are compared, once in each way.
    "CREATE UNIQUE INDEX work_once ON work (record_id, task, stage, item, part, parts) WHERE comparison = 0",
    "CREATE UNIQUE INDEX work_compared_once ON work (record_id, task, stage, item, part, parts, mode, layout) "
    "WHERE comparison = 1",
    "INSERT OR IGNORE INTO work "
    "(id, task, stage, record_id, item, mode, layout, part, parts, comparison, key, state, reason, reply_id) "
    f"SELECT id, task, {_REAL_STAGE}, record_id, item, mode, layout, part, parts, stage LIKE 'evaluation %', "
    "key, state, reason, reply_id FROM work_before ORDER BY state = 'done' DESC, id",
    "DROP TABLE work_before",
    "CREATE INDEX work_by_state ON work (state, stage, task)",
    "ALTER TABLE reply ADD COLUMN comparison INTEGER NOT NULL DEFAULT 0 CHECK (comparison IN (0, 1))",
    "DROP TRIGGER reply_keep",
    f"UPDATE reply SET comparison = 1, stage = {_REAL_STAGE} WHERE stage LIKE 'evaluation %'",
    forbid_update("reply"),
    # unmatched: 1 while the document belongs to the record that was made for it because it matched none.
    "ALTER TABLE document ADD COLUMN unmatched INTEGER NOT NULL DEFAULT 0 CHECK (unmatched IN (0, 1))",
    "UPDATE document SET unmatched = 1 WHERE how LIKE 'unmatched PDF%'",
    # parts_disagree: 1 where the parts of the paper give different texts for this place. cut: 1 where the answer was as
    # long as it might be, so that more may follow.
    "ALTER TABLE value ADD COLUMN parts_disagree INTEGER NOT NULL DEFAULT 0 CHECK (parts_disagree IN (0, 1))",
    "ALTER TABLE value ADD COLUMN cut INTEGER NOT NULL DEFAULT 0 CHECK (cut IN (0, 1))",
    "UPDATE value SET parts_disagree = 1 WHERE note LIKE 'The parts of the paper disagree: this is from part %' "
    "AND reply_id IN (SELECT id FROM reply WHERE parts > 0)",
    "UPDATE value SET cut = 1 WHERE (task = 'arms' AND note LIKE '%The list of arms is as long as it may be (%') "
    "OR (task = 'characteristics' AND note LIKE '%The model''s quote is as long as it may be (%')",
    "DROP TRIGGER value_as_proposed",
    f"""CREATE TRIGGER value_as_proposed BEFORE UPDATE ON value
        WHEN {" OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in _PROPOSED)}
        BEGIN SELECT RAISE(ABORT, 'a proposed value is never edited'); END""",
)
