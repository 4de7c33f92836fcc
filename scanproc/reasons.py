"""Every reason that can stand in a `reason` cell: the key, and what it means to a clerk."""

NUMBER_REASONS = {
    "low_confidence": "the number is less sure than --review-below or --max-error ask for",
    "mark": "a point, comma, slash or dash stands at or between the digits",
    "not_a_digit": "something taken for no digit stood at or between the digits and was left out; "
                   "where it stands alone, there is no number at all",
    "spacing": "a gap may or may not part two numbers",
    "small": "the digits are lower than 20 pixels: scan the page at a higher resolution",
}

PAGE_REASONS = {
    "empty": "the file has no bytes, or holds no page",
    "not_a_scan": "the file is not an image or PDF that this program reads",
    "damaged": "the file is damaged and cannot be decoded",
    "cut": "the file ends before its last page does",
    "encrypted": "the PDF needs a password to be opened",
    "too_large": "the page or file is larger than a limit in the settings",
    "permission": "this account may not read the file",
    "io": "the disk or network share failed while the file was read",
    "changed": "the file changed while it was being read",
    "crashed": "the program that decodes the page died on it",
    "timeout": "the page took longer than --page-timeout-s allows",
    "duplicate": "the same bytes were read under another name",
}
