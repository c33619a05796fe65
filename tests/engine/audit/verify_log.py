#!/usr/bin/env python3
"""verify_log.py LOG | --proof FILE [--checkpoint FILE] [--pubkey FILE]: checks an audit log of Driftlens, or a proof from
one, by FORMAT.md and the standard library. Exits with 0 ok, 5 tampered, 6 truncated, 10 unsigned, 7 erased, 3 unreadable."""
import argparse, base64, hashlib, json, os, re, sqlite3, sys
CODES = {"ok": 0, "tampered": 5, "truncated": 6, "unsigned": 10, "erased": 7, "unreadable": 3}
APPLICATION, SCHEMA = 0x44724C67, "5fc18ae80e10846ae778050b3daf1d9a0c7f2a85df1bfde3ee51ecf63b101b6f"
MEMBERS = "blobs body canonicaliser commitments log_id meta prev record_type run_id schema_version seq time".split()
NOTE = re.compile("([^\n]+)\n(0|[1-9][0-9]*)\n([A-Za-z0-9+/]{43}=)\n\n((?:\u2014 [^\n]+\n)+)(\n|\\Z)")
P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493  # of Ed25519
D, I = -121665 * pow(121666, -1, P) % P, pow(2, (P - 1) // 4, P)

def read(file): return open(file, encoding="utf-8", newline="").read()
def sha(*parts): return hashlib.sha256(b"".join(parts)).digest()
# Ed25519: RFC 8032, 5.1.3 (point), 5.1.4 (add), 5.1.7 (verifies)
def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]), (p[1] + p[0]) * (q[1] + q[0])
    c, d = 2 * p[3] * q[3] * D, 2 * p[2] * q[2]
    return (b - a) * (d - c) % P, (d + c) * (b + a) % P, (d - c) * (d + c) % P, (b - a) * (b + a) % P
def times(n, p):
    q = (0, 1, 1, 0)
    for bit in f"{n:b}": q = add(add(q, q), p) if bit == "1" else add(q, q)
    return q
def point(raw):
    y, sign = int.from_bytes(raw, "little") % 2**255, raw[31] >> 7
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if x * x % P == square else x * I % P
    if y >= P or x * x % P != square or (x == 0 and sign): raise ValueError("no point of the curve")
    return (x := x if x % 2 == sign else P - x), y, 1, x * y % P
BASE = point(bytes([0x58] + [0x66] * 31))
def verifies(key, message, signature):
    s, (x, y, z, t) = int.from_bytes(signature[32:], "little"), point(key)
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    x, y, z, t = add(times(s, BASE), times(h, (P - x, y, z, P - t)))
    raw = (y * pow(z, -1, P) % P + (x * pow(z, -1, P) % P % 2 << 255)).to_bytes(32, "little")
    return raw == signature[:32] and len(signature) == 64 and s < L
def read_key(text):  # NAME+ID+BASE64 as (name, id, key)
    name, ident, rest = text.strip().split("+", 2)
    raw = base64.b64decode(rest, validate=True)
    if len(raw) != 33 or raw[0] != 1 or sha(name.encode(), b"\n", raw)[:4].hex() != ident: raise ValueError("no key")
    return name, bytes.fromhex(ident), raw[1:]
def notes(text, may_be_torn=False):
    found = []
    while text:
        m = NOTE.match(text)
        if may_be_torn and (text.count("\n\n") < 2 or m and not m[5]): break  # a crash cut the last one short
        if not m: raise ValueError("it is no checkpoint")
        body = f"{m[1]}\n{m[2]}\n{m[3]}\n".encode()
        found.append({"origin": m[1], "size": int(m[2]), "root": base64.b64decode(m[3]), "body": body, "lines": m[4]})
        text = text[m.end():]
    return found
def signed(note, key):
    found = re.findall(f"^\u2014 {re.escape(key[0])} ([A-Za-z0-9+/]{{91}}=)$", note["lines"], re.M)
    return any(raw[:4] == key[1] and verifies(key[2], note["body"], raw[4:]) for raw in map(base64.b64decode, found))
def ordered(v):  # keys by UTF-16 code units
    if isinstance(v, list): return [ordered(x) for x in v]
    return {k: ordered(v[k]) for k in sorted(v, key=lambda k: k.encode("utf-16-be"))} if isinstance(v, dict) else v
def read_record(rec):
    r = json.loads(rec, parse_float=int, parse_constant=int)  # int() refuses what is none
    same = json.dumps(ordered(r), separators=(",", ":"), ensure_ascii=False).encode() == rec
    if not same or sorted(r) != MEMBERS or (r["schema_version"], r["canonicaliser"]) != (1, "driftlens-jcs-1"):
        raise ValueError("not canonical")
    return r
class Log:
    def __init__(self, path, held, trusted):
        self.bad, self.keys, self.peaks, self.covered, self.erased, self.origin = [], [], [], 0, 0, ""
        db = sqlite3.connect("file:" + path.replace("%", "%25").replace("?", "%3f").replace("#", "%23") + "?mode=ro", uri=True)
        db.text_factory = lambda raw: raw.decode("utf-8", "replace")
        self.rows = lambda sql, *values: db.execute(sql, values).fetchall()
        schema = self.rows("SELECT type, name, coalesce(sql, '') FROM sqlite_schema ORDER BY type, name, tbl_name, sql")
        self.check(sha("".join(f"{t}\n{n}\n{q}\n" for t, n, q in schema).encode()).hex() == SCHEMA, "the schema was changed")
        for name, value in (("application_id", APPLICATION), ("user_version", 1), ("integrity_check", "ok")):
            self.check(self.rows("PRAGMA " + name) == [(value,)], name)
        beside = notes(read(path + ".checkpoints"), may_be_torn=True) if os.path.exists(path + ".checkpoints") else []
        self.check(all(a["size"] < b["size"] for a, b in zip(beside, beside[1:])), "the checkpoints go back")
        self.claims, last, seq = {}, "0" * 64, 0
        for note in beside + held: self.claims.setdefault(note["size"], []).append(note)
        for row in db.execute("SELECT seq, record_type, run_id, time_utc, leaf, rec FROM record NOT INDEXED ORDER BY seq"):
            seq, last = seq + 1, self.take(row, seq + 1, last)
        self.check(seq and (not trusted or not self.keys or trusted in self.keys), "it is signed by another key than yours")
        for digest, dtype, shape, data in db.execute("SELECT digest, dtype, shape, bytes FROM blob NOT INDEXED"):
            self.check(digest == sha(f"{dtype}|{shape}|".encode(), data), "a blob was changed")
        for which in ("digest FROM blob EXCEPT SELECT digest FROM blob_reference", "digest FROM blob_reference EXCEPT SELECT digest "
                      "FROM blob", "seq FROM payload UNION SELECT seq FROM blob_reference EXCEPT SELECT seq FROM record"):
            self.check(not self.rows("SELECT " + which), "there is a " + which)
        cut = [note for size, claims in self.claims.items() if size > seq for note in claims]
        for note in cut: self.check(self.keys and signed(note, self.keys[-1]), "a checkpoint is of another log or key")
        outcomes = {"tampered": self.bad, "truncated": cut, "unsigned": self.covered < seq, "erased": self.erased, "ok": True}
        self.result = next(status for status, holds in outcomes.items() if holds), self.bad
    def check(self, good, what): self.bad += [] if good else [what]
    def take(self, row, place, last):
        seq, rec, leaf = row[0], row[5], sha(b"\0", row[5])
        self.check(seq == place and row[4] == leaf, f"record {seq} at place {place} was moved, or does not hash to its leaf")
        try: self.contents(row, read_record(rec), last)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error: self.check(False, f"record {seq}: {error}")
        size, top = place - 1, leaf
        while size % 2: size, top = size // 2, sha(b"\1", self.peaks.pop(), top)
        self.peaks.append(top)
        for peak in self.peaks[-2::-1]: top = sha(b"\1", peak, top)
        for note in self.claims.get(place, []):
            good = note["origin"] == self.origin and note["root"] == top and self.keys and signed(note, self.keys[-1])
            self.check(good, f"the checkpoint of {place} records")
            if good: self.covered = place
        return leaf.hex()
    def contents(self, row, r, last):
        (seq, kind, run), body = row[:3], r["body"]
        if seq == 1: self.origin = "driftlens/" + r["log_id"]
        derived = [r["seq"], r["record_type"], r["run_id"], r["time"], r["prev"], "driftlens/" + r["log_id"]]
        self.check(derived == [*row[:4], last, self.origin], f"record {seq} differs from its columns, or does not link")
        self.check(kind != "genesis" if seq > 1 else (kind, body["schema_sha256"]) == ("genesis", SCHEMA), f"type of record {seq}")
        if kind == "key_rotated":
            message = f"driftlens key rotation 1\n{self.origin}\n{body['new_key']}\n".encode()
            self.check(verifies(self.keys[-1][2], message, base64.b64decode(body["signature"])), "a new key is not signed by the old")
        if kind == "key_rotated" or "public_key" in body and seq == 1: self.keys.append(read_key(body["new_key" if seq > 1 else "public_key"]))
        named = re.findall('"blob_commitment":"([0-9a-f]{64})"', json.dumps(body, separators=(",", ":")))
        self.check(r["blobs"] == sorted(set(named)), f"the blobs of record {seq}")
        gone = bool(run and self.rows("SELECT 1 FROM record WHERE run_id = ? AND record_type = 'erased' AND seq > ?", run, seq))
        want = r["commitments"] | {blob: blob for blob in r["blobs"]}
        there = self.rows("SELECT name, salt, bytes FROM payload WHERE seq = ?", seq)
        there += self.rows("SELECT lower(hex(commitment)), salt, digest FROM blob_reference WHERE seq = ?", seq)
        for name, salt, data in there: self.check(want.pop(name, "") == sha(salt, data).hex() and not gone, f"{name} of record {seq}")
        self.check(gone or not want, f"payloads or blobs of record {seq} are missing")
        self.erased += len(want)
def check_proof(proof, held, trusted):
    rec, claim, r = proof["rec"].encode(), notes(proof["checkpoint"])[0], read_record(proof["rec"].encode())
    place, last, top = r["seq"] - 1, claim["size"] - 1, sha(b"\0", rec)
    good = 0 <= place <= last and claim["origin"] == "driftlens/" + r["log_id"]
    for other in map(bytes.fromhex, proof["proof"]):  # RFC 9162, 2.1.3.2
        good, odd = good and last > 0, place % 2 or place == last
        top = sha(b"\1", other, top) if odd else sha(b"\1", top, other)
        while odd and place and place % 2 == 0: place, last = place // 2, last // 2
        place, last = place // 2, last // 2
    known = any(note["body"] == claim["body"] for note in held) or trusted and signed(claim, trusted)
    return "ok" if good and last == 0 and top == claim["root"] and known else "tampered", []
def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    for name in ("log", "--proof", "--checkpoint", "--pubkey"): parser.add_argument(name, nargs="?")
    given = parser.parse_args()
    try:
        held, trusted = given.checkpoint and notes(read(given.checkpoint)) or [], given.pubkey and read_key(read(given.pubkey))
        proof = given.proof and json.loads(read(given.proof))
        status, found = check_proof(proof, held, trusted) if proof else Log(given.log, held, trusted).result
    except (LookupError, OSError, TypeError, ValueError) as error: status, found = "unreadable", [str(error)]
    except sqlite3.Error as error:
        no_log = re.search("not a database|unable to open|no such table", str(error))
        status, found = "unreadable" if no_log else "tampered", [str(error)]
    print("\n".join([status] + found))
    return CODES[status]
if __name__ == "__main__": sys.exit(main())
