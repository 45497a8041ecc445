"""moto_server, with what it works out anew for every request worked out once.

The list of moto's modules is read from the file system by each request, under a
lock; each JSONPath of a state machine or an event rule builds its parser's
tables again; each request is written to the log.
"""

import functools
import logging

import jsonpath_ng.ext
import moto.backends

modules = tuple(moto.backends.list_of_moto_modules())
moto.backends.list_of_moto_modules = lambda: modules
# Before moto's modules take the name over.
jsonpath_ng.ext.parse = functools.lru_cache(maxsize=4096)(jsonpath_ng.ext.parse)
logging.getLogger("werkzeug").setLevel(logging.WARNING)

import sys

import moto.server

# The first argument is the name by which the process can be told.
moto.server.main(sys.argv[2:])
