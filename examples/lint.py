#!/usr/bin/env python3
"""Checks a recording on standard input and prints each finding as a line of JSON: lint.py [LIBRARY] <session.log"""

import ctypes
import os
import sys

library = ctypes.CDLL(sys.argv[1] if len(sys.argv) > 1 else "libsmtpseq.so.0")
CALLBACK = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)
library.smtpseq_lint_new.restype = ctypes.c_void_p
library.smtpseq_lint_json.restype = ctypes.c_char_p
library.smtpseq_lint_json.argtypes = [ctypes.c_void_p]
library.smtpseq_lint_feed.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t]
library.smtpseq_lint_on_finding.argtypes = [ctypes.c_void_p, CALLBACK, ctypes.c_void_p]
library.smtpseq_lint_finish.argtypes = library.smtpseq_lint_free.argtypes = [ctypes.c_void_p]


@CALLBACK
def show(_, finding):
    print(library.smtpseq_lint_json(finding).decode(), flush=True)


lint = library.smtpseq_lint_new()
library.smtpseq_lint_on_finding(lint, show, None)
while piece := os.read(0, 65536):
    library.smtpseq_lint_feed(lint, piece, len(piece))
result = library.smtpseq_lint_finish(lint)
library.smtpseq_lint_free(lint)
sys.exit(result)
