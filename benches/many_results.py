"""Makes a store of many results out of one of a few: `many_results.py STATE_DIR NEW_STATE_DIR 100000`.

Each photograph is one of those that are there, by another name, with other content, a score that differs by up to 5, and
a place in time; its report is as long as the real one.
"""

import pathlib
import shutil
import sqlite3
import sys

COPIES = """
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :n),
     done(nth, blake3, key) AS (SELECT row_number() OVER (ORDER BY id) - 1, blake3, key FROM photos WHERE state = 'done')
SELECT i, printf('%064x', i) AS content, done.blake3 AS of, done.key AS key, (i * 7919 % 1001) / 100.0 - 5 AS off
  FROM n JOIN done ON done.nth = i % (SELECT count(*) FROM done)
"""


def main():
    source, target, count = sys.argv[1:]
    target = pathlib.Path(target)
    target.mkdir(parents=True)
    file = target / "store.sqlite3"
    shutil.copy(pathlib.Path(source) / "store.sqlite3", file)
    store = sqlite3.connect(file)
    store.execute("PRAGMA synchronous = OFF")
    store.execute("CREATE TEMP TABLE copy AS " + COPIES, {"n": int(count)})
    store.execute("CREATE TEMP TABLE old AS SELECT id FROM photos")
    store.execute("""INSERT INTO results SELECT content, r.key, report, camera, look + i, min(100, max(0, score + off)), level, created
                     FROM copy JOIN results r ON r.blake3 = of AND r.key = copy.key""")
    store.execute("""INSERT INTO briefs SELECT content, b.key, min(100, max(0, score + off)), level, look + i, summary
                     FROM copy JOIN briefs b ON b.blake3 = of AND b.key = copy.key""")
    store.execute("""INSERT INTO photos (path, root, bytes, modified_ns, inode, device, blake3, key, state, decision, updated)
                     SELECT CAST(printf('/archive/2026/%03d/IMG_%06d.jpg', i / 500, i) AS BLOB), CAST('/archive' AS BLOB), 1,
                            '0', i, 1, content, key, 'done',
                            CASE WHEN i % 10 = 0 THEN 'reject' WHEN i % 7 = 0 THEN 'review' ELSE 'accept' END,
                            1790000000000 + i * 1000 FROM copy""")
    store.execute("DELETE FROM photos WHERE id IN old")
    store.commit()
    print(store.execute("SELECT count(*) FROM photos").fetchone()[0], "photographs in", file)


main()
