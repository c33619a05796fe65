"""parse_html.py PAGE.html…: the errors that a parser of the HTML standard must report, a line each;
exits 1 if there are any. (A browser mends them all, each in its own way of showing the page.)"""

import sys

import html5lib


def errors(path):
    parser = html5lib.HTMLParser()
    with open(path, "rb") as page:
        parser.parse(page, transport_encoding="utf-8")
    for (line, column), code, details in parser.errors:
        message = html5lib.constants.E.get(code, code)
        yield f"{path}:{line}:{column}: {message % details}"


def main(paths):
    found = [error for path in paths for error in errors(path)]
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
