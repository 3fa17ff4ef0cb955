"""An S3 store for tests: s3_server.py PORT.

moto's server, one request at a time: moto looks whether a name is taken and takes it in two steps,
which a real store does in one.
"""

import sys
from threading import Lock

from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import run_simple

application = DomainDispatcherApplication(create_backend_app)
one = Lock()


def one_at_a_time(environ, start_response):
    with one:
        return application(environ, start_response)


run_simple("127.0.0.1", int(sys.argv[1]), one_at_a_time, threaded=True)
