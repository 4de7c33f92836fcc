"""Every reason that can stand in a `reason` cell, and every fate of a piece of ink.

Each has a key, and words that say what it means to a clerk.
"""

NUMBER_REASONS = {
    "low_confidence": "the number is less sure than --review-below or --max-error ask for",
    "mark": "a mark between the digits or before them is a slash, or may be another one than "
            "`marks` says, or dirt",
    "not_a_digit": "something taken for no digit stood at or between the digits and was left out; "
                   "where it stands alone, there is no number at all",
    "joined": "digits that touch one another were parted, or pieces put together to make a digit, "
              "and one of these is less sure than 98 %",
    "overwritten": "a digit looks as if it were written over another one",
    "cut": "a digit touches a rule and may have lost ink when the rule was taken out",
    "empty_box": "a box between the digits is empty; it is `_` in `text`",
    "stray": "the number is far lower than the others of its page; is 1s alone in no box that may "
             "be a rest of a rule, on a page with boxes or far higher than the others; or, on a "
             "page full of print, stands in no box, is no higher than the letters, or is all 1s, "
             "as a tally is",
    "spacing": "a gap may or may not part two numbers",
    "small": "the digits are lower than 20 pixels: scan the page at a higher resolution",
    "audit": "nothing is doubted; it is one of the share that --audit takes to measure the error",
}

AUDIT = "audit"

# Those that say of each digit that it may be another one, or none; the others are of the number.
DIGITS_DOUBTED = {"joined", "overwritten", "cut", "stray", "not_a_digit", "small"}

PAGE_REASONS = {
    "empty": "the file has no bytes, or holds no page",
    "not_a_scan": "the file is not an image or PDF that this program reads",
    "damaged": "the file is damaged and cannot be decoded",
    "cut": "the file ends before its last page does",
    "encrypted": "the PDF needs a password to be opened",
    "too_large": "the page or file is larger than a limit in the settings",
    "permission": "this account may not read the file",
    "io": "the disk or network share failed while the file was read",
    "changed": "somebody was writing to the file; the next run reads it",
    "crashed": "the program that decodes the page died on it",
    "timeout": "the page took longer than --page-timeout-s allows",
    "duplicate": "the same bytes were read under another name",
}

INK_FATES = {
    "digit": "part of a digit that was given",
    "mark": "a point, comma, dash, slash or colon, given in `marks`",
    "rule": "a rule, or the frame of a box",
    "speck": "too small for a digit or a mark",
    "large": "too large for a digit: a frame, a picture",
    "border": "the edge of the scan or of the sheet, or what lies beside the sheet",
    "print": "printed, not written",
    "word": "letters of a word",
    "not_a_digit": "alone, and more likely no digit than one",
    "faint": "too pale, or in mirror writing: the back of the sheet shows through",
    "solid": "a blot, or a block of a code",
    "pattern": "strokes that repeat: a tally, hatching, a bar code; the static of broken data",
    "stray": "a lone digit, as far as its shape goes, in no box on a page full of print; digits "
             "that are as low as the print, close to it, or in no box and not of the pen that "
             "filled in the boxes; strokes far thinner than the page's pen; or a number that is, "
             "all in all, more likely none",
    "crossed_out": "digits that a line was drawn through",
}
