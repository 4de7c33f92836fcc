PRAGMA application_id = 1399021934;
PRAGMA user_version = 3;
BEGIN TRANSACTION;
CREATE TABLE csv (name TEXT PRIMARY KEY, sha256 TEXT NOT NULL);
INSERT INTO "csv" VALUES('digits.csv','d2a84f30597defd70bedc620a0cfeea06db28e3edda6a6269ee8a62483916ebb');
INSERT INTO "csv" VALUES('numbers.csv','20b0db3b597bcac704585de11c37fadc495929b5c7813ef0ef9f519435c82402');
INSERT INTO "csv" VALUES('pages.csv','65ab773d02288f3f8e5be55412b47d269b09a346e898b2cfc7844937ce3e27fb');
CREATE TABLE digits (
    page INTEGER NOT NULL REFERENCES pages ON DELETE CASCADE,
    number INTEGER NOT NULL,
    position INTEGER NOT NULL,
    digit INTEGER NOT NULL,
    confidence REAL NOT NULL,
    runner_up INTEGER NOT NULL,
    runner_up_confidence REAL NOT NULL,
    "left" INTEGER NOT NULL, top INTEGER NOT NULL,
    width INTEGER NOT NULL, height INTEGER NOT NULL,
    PRIMARY KEY (page, number, position)
) WITHOUT ROWID;
INSERT INTO "digits" VALUES(2,1,1,4,0.9916,7,0.0067,22,30,26,34);
INSERT INTO "digits" VALUES(2,1,2,0,0.9966,9,0.0003,51,29,25,36);
INSERT INTO "digits" VALUES(2,1,3,7,0.9998,9,0.0001,80,30,24,34);
INSERT INTO "digits" VALUES(3,1,1,2,0.9998,4,0.0001,23,29,23,35);
INSERT INTO "digits" VALUES(3,1,2,7,0.6399,1,0.3581,55,30,15,34);
INSERT INTO "digits" VALUES(4,1,1,9,0.9754,0,0.0122,22,29,24,36);
INSERT INTO "digits" VALUES(4,1,2,6,0.9382,0,0.022,51,29,24,36);
CREATE TABLE documents (
    id INTEGER PRIMARY KEY,
    file TEXT NOT NULL,                -- its name in every CSV
    root INTEGER NOT NULL REFERENCES roots,
    raw BLOB NOT NULL,                 -- its place below root, as the file system spells it
    stamp TEXT NOT NULL,               -- size, mtime_ns, ctime_ns, inode
    sha256 TEXT NOT NULL,              -- empty where its bytes could never be read
    state TEXT NOT NULL CHECK (state IN ('current', 'superseded', 'moved')),
    missing INTEGER NOT NULL,
    first INTEGER REFERENCES documents DEFERRABLE INITIALLY DEFERRED,
    run INTEGER NOT NULL REFERENCES runs,  -- in which it was first met
    total INTEGER                      -- rows it has in pages.csv, NULL before it was opened
);
INSERT INTO "documents" VALUES(1,'a.png',1,X'612E706E67','350 1795282004690185776 1795282004690185776 1452289','9ca38726ed8768570be3037e3752acbaf56c4d23d4b66268efb66b7f3cb5c498','current',0,NULL,1,1);
INSERT INTO "documents" VALUES(2,'copy.png',1,X'636F70792E706E67','350 1795282004690360115 1795282004690360115 1452290','9ca38726ed8768570be3037e3752acbaf56c4d23d4b66268efb66b7f3cb5c498','current',0,1,1,NULL);
INSERT INTO "documents" VALUES(3,'damaged.png',1,X'64616D616765642E706E67','150 1795282004690487834 1795282004690487834 1452291','e2d8a1605d55d5073c4e52e87904c82a2686fef0072ddae00058a6078462cb96','current',0,NULL,1,1);
INSERT INTO "documents" VALUES(4,'two.tif',1,X'74776F2E746966','480 1795282004690614402 1795282004690614402 1452292','0cb2b1ca2547a8d320d1cc59efdc1fdf1288fea2d52607268d5f7149e119f8e5','current',0,NULL,1,2);
CREATE TABLE exported (
    revision INTEGER NOT NULL,         -- counts the changes of what is exported
    written INTEGER NOT NULL,          -- the revision that the CSV files show
    deciding TEXT NOT NULL             -- and how they were derived
);
INSERT INTO "exported" VALUES(5,5,'0.1.0 cb558e4a3360c888 0.95');
CREATE TABLE forgotten (sha256 TEXT NOT NULL, place TEXT NOT NULL, PRIMARY KEY (sha256, place)) WITHOUT ROWID;
CREATE TABLE numbers (
    page INTEGER NOT NULL REFERENCES pages ON DELETE CASCADE,
    number INTEGER NOT NULL,
    text TEXT NOT NULL,
    confidence REAL NOT NULL,
    "left" INTEGER NOT NULL, top INTEGER NOT NULL,
    width INTEGER NOT NULL, height INTEGER NOT NULL,
    reasons TEXT NOT NULL,             -- joined by ;
    marks TEXT NOT NULL,
    field TEXT NOT NULL,
    PRIMARY KEY (page, number)
) WITHOUT ROWID;
INSERT INTO "numbers" VALUES(2,1,'407',0.988,22,29,82,36,'','','');
INSERT INTO "numbers" VALUES(3,1,'27',0.6398,23,29,47,35,'','','');
INSERT INTO "numbers" VALUES(4,1,'96',0.9151,22,29,53,36,'','','');
CREATE TABLE pages (
    id INTEGER PRIMARY KEY,
    document INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
    page INTEGER NOT NULL,
    run INTEGER NOT NULL REFERENCES runs,
    reading TEXT NOT NULL,             -- fingerprints of the settings it was read under
    limits TEXT NOT NULL,
    retry INTEGER NOT NULL,            -- the failure may pass: later runs try again
    tries INTEGER NOT NULL,
    status TEXT NOT NULL,
    reason TEXT NOT NULL,
    words TEXT NOT NULL,
    form TEXT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    dpi_across REAL,
    dpi_down REAL,
    rotation INTEGER NOT NULL,
    skew REAL NOT NULL, ink TEXT NOT NULL DEFAULT '{}',
    UNIQUE (document, page)
);
INSERT INTO "pages" VALUES(1,3,1,1,'ea279ae08287c6a3','126d07daf38b67de',0,1,'refused','cut','the image ends before its last line does; copy the file again, or scan the sheet again','',0,0,NULL,NULL,0,0.0,'{}');
INSERT INTO "pages" VALUES(2,1,1,1,'ea279ae08287c6a3','126d07daf38b67de',0,1,'read','','','',180,90,NULL,NULL,0,0.0,'{"digit": 3}');
INSERT INTO "pages" VALUES(3,4,1,1,'ea279ae08287c6a3','126d07daf38b67de',0,1,'read','','','',180,90,NULL,NULL,0,0.0,'{"digit": 2}');
INSERT INTO "pages" VALUES(4,4,2,1,'ea279ae08287c6a3','126d07daf38b67de',0,1,'read','','','',180,90,NULL,NULL,0,0.0,'{"digit": 2}');
CREATE TABLE roots (id INTEGER PRIMARY KEY, path BLOB NOT NULL UNIQUE);
INSERT INTO "roots" VALUES(1,X'2F7372762F7363616E73');
CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    started REAL NOT NULL,             -- seconds since 1970, UTC
    finished REAL,
    program TEXT NOT NULL,             -- version
    reading TEXT NOT NULL,             -- fingerprint of the reading settings
    exit_code INTEGER,
    summary TEXT NOT NULL DEFAULT '{}' -- JSON
);
INSERT INTO "runs" VALUES(1,1.79528200514352655409e+09,1.79528200642716217038e+09,'0.1.0','ea279ae08287c6a3',1,'{"inputs": ["/srv/scans"], "found": 4, "pages": {"refused": 1, "read": 3}, "numbers": 3, "review": 2, "failures": {"cut": 1}, "files": {"unchanged": 0, "new": 3, "duplicate": 1}, "skipped": {}, "seconds": 1.2490709129997413, "emptied": [], "unlisted": [], "unmoved": [], "audit": 0, "confidence": [0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], "review_below": 0.95, "drift": [], "report": "", "failed": 1, "exit_code": 1}');
CREATE UNIQUE INDEX names ON documents (file) WHERE state <> 'superseded';
CREATE INDEX firsts ON documents (first);
COMMIT;
