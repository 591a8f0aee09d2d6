"""The texts of the checker's page that are not the program's own; the script shows SCRIPT, with words in place of {these}."""

CHECKER = {
    "title": "Check a log",
    "lead": "Paste the log of an SMTP session, in any format: what is out of order shows at once. The log stays in this page.",
    "log": "Log",
    "file": "Or a file, which can be dropped here too: a log, a capture (pcap, pcapng), packed or not",
    "server": "Compare with",
    "no_server": "no server",
    "octets_read": "Octets read",
    "cancel": "Cancel",
    "share": "The same sessions with all names, addresses and texts replaced:",
    "save": "Download",
    "copy": "Copy",
    "link": "Make a link",
    "made_link": "Link to the anonymised log",
    "no_script": "The checker needs JavaScript; the program does not.",
    "reading": "How it was read",
    "report": "Report",
    "examples": "Examples",
}

SCRIPT = {
    "empty": "Paste a log, or drop a file on this page.",
    "checking": "Checking {name} ...",
    "read": "{read} of {all} MB",
    "checked": "Checked.",
    "cancelled": "Cancelled.",
    "unreadable": "This could not be read.",
    "large": "This is larger than 50 MB: use the program.",
    "not_loaded": "The checker could not be loaded.",
    "not_shown": "{name}, {all} MB: too long for this box",
    "replacing": "Replacing what tells people and hosts ...",
    "saved": "The transcript is among your downloads.",
    "copied": "The transcript is in the clipboard.",
    "not_copied": "The browser does not let this page use the clipboard: download it instead.",
    "linked": "The link below holds the anonymised log. No server sees that part of it.",
    "too_long": "This is too long for a link: download it instead.",
}
