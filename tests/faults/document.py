"""The files that saboteurs read: `40: 3 17` has 40 pages, of which 3 and 17 are bad."""

from scanproc.records import PageResult


def reader(deed, words=lambda: ""):
    """What `load` of a saboteur gives: reads pages, does the `deed` on a bad one."""
    def read(data, first, count, before=lambda page: None):
        pages, _, bad = data.decode().partition(":")
        wanted = range(first, min(first + count, int(pages) + 1))
        return int(pages), [_page(page, bad.split(), deed, words, before) for page in wanted]
    return read


def _page(page, bad, deed, words, before):
    before(page)
    if str(page) in bad:
        deed()
    return PageResult(page, "read", words=words(), width=page)
