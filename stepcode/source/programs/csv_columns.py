import csv
import io


def csv_columns(text):
    header, *records = csv.reader(io.StringIO(text))
    columns = {name: [record[i] for record in records] for i, name in enumerate(header)}
    missing = {name: values.count("") for name, values in columns.items() if "" in values}
    shape = len(records), len(header)
    return columns, missing, shape
