-- SPDX-License-Identifier: Apache-2.0
-- What is configured: subnets, images, machines. Lists that are only ever read whole are JSON arrays of texts.
-- Ids are never used again, because leases and trails name things by them.

CREATE TABLE image (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL UNIQUE,
        kind TEXT NOT NULL,     -- pi, parts
        arch TEXT,              -- NULL: not known
        cmdline TEXT,           -- kind parts
        boards TEXT NOT NULL,   -- ["pi4b", ...]
        created_s INTEGER NOT NULL
) STRICT;

CREATE TABLE image_file (
        image_id INTEGER NOT NULL REFERENCES image (id) ON DELETE CASCADE,
        path TEXT NOT NULL,
        role TEXT NOT NULL,
        sha256 BLOB NOT NULL,
        size INTEGER NOT NULL,  -- octets
        octets BLOB,            -- small texts that plans read; NULL for all else
        PRIMARY KEY (image_id, path)
) STRICT, WITHOUT ROWID;

CREATE TABLE subnet (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        net TEXT NOT NULL UNIQUE,  -- 10.77.0.0/24
        interface TEXT,            -- NULL: reached only through relays
        dhcp TEXT NOT NULL,        -- off, server, proxy
        unknown TEXT NOT NULL,     -- discover, refuse, approve, enlist, boot
        unknown_image TEXT REFERENCES image (name),
        gateway TEXT,
        domain TEXT,
        mtu INTEGER,
        lease_s INTEGER NOT NULL,
        ranges TEXT NOT NULL,      -- ["10.77.0.100-10.77.0.199", ...]
        dns TEXT NOT NULL,         -- ["10.77.0.1", ...]
        ntp TEXT NOT NULL,
        search TEXT NOT NULL,      -- ["lab.example", ...]
        routes TEXT NOT NULL,      -- ["10.78.0.0/16 10.77.0.254", ...]
        options TEXT NOT NULL      -- ["150=ip:10.77.0.9", ...]
) STRICT;

CREATE TABLE machine (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL UNIQUE,
        serial INTEGER UNIQUE,
        uuid BLOB UNIQUE,
        client_id BLOB UNIQUE,
        arch TEXT,
        board TEXT,
        ip TEXT UNIQUE,
        image TEXT REFERENCES image (name),
        cmdline_extra TEXT,
        created_s INTEGER NOT NULL
) STRICT;

CREATE TABLE machine_mac (
        mac TEXT PRIMARY KEY,      -- one network card is one machine's
        machine_id INTEGER NOT NULL REFERENCES machine (id) ON DELETE CASCADE,
        place INTEGER NOT NULL     -- order among the machine's
) STRICT, WITHOUT ROWID;
CREATE INDEX machine_mac_of ON machine_mac (machine_id, place);
