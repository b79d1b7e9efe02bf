"""delta-rs merges a file into a table. usage: deltalake_merge.py <raw file> <table>."""

import json
import sys

import pyarrow.parquet as parquet
from deltalake import DeltaTable

KEY = "t.order_date = s.order_date AND t.order_id = s.order_id"


def main() -> None:
    source, table = sys.argv[1:]
    merge = DeltaTable(table).merge(parquet.read_table(source), KEY, source_alias="s", target_alias="t", error_on_type_mismatch=False)
    done = merge.when_matched_update_all(predicate="s.updated_at > t.updated_at").when_not_matched_insert_all().execute()
    print(json.dumps({"rows": done["num_output_rows"]}))


if __name__ == "__main__":
    main()
