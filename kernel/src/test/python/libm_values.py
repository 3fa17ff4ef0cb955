"""Writes ../resources/libm/*.bin: what glibc's exp, pow(2, y) and expf answer. Run on glibc 2.28 or later, x86-64 with FMA.

Each file holds pairs of little-endian float64: argument, answer (float32 values widened). `log.bin` holds the correctly
rounded logarithm of 2..5001 and of probabilities, from `decimal` at 60 digits.
"""
import ctypes
import math
import os
import random
import struct
from decimal import Decimal, getcontext
from fractions import Fraction

getcontext().prec = 60
libm = ctypes.CDLL("libm.so.6")
libm.expf.restype = ctypes.c_float
libm.expf.argtypes = [ctypes.c_float]
libm.exp.restype = libm.pow.restype = ctypes.c_double
libm.exp.argtypes = [ctypes.c_double]
libm.pow.argtypes = [ctypes.c_double, ctypes.c_double]
HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "resources", "libm")


def single(x):
    return struct.unpack("<f", struct.pack("<f", x))[0]


def write(name, pairs):
    with open(os.path.join(HERE, name), "wb") as out:
        for x, y in pairs:
            out.write(struct.pack("<dd", x, y))


random.seed(20)
edges = [0.0, -0.0, 1.0, -1.0, 5e-324, 2.0 ** -54, 2.0 ** -55, -(2.0 ** -54), 511.9999999, 512.0, -512.0, 709.0, 709.78271289338397,
         709.782712893384, 709.79, 710.0, 1023.9, 1024.0, 1e300, -708.0, -708.4, -709.0, -720.5, -740.1, -744.4, -745.13321910194110,
         -745.1332191019412, -745.2, -746.0, -1024.0, -1e300, math.inf, -math.inf]
arguments = edges + [random.uniform(-1, 1) for _ in range(1500)] + [random.gauss(0, 6) for _ in range(1500)]
arguments += [random.uniform(-745, 709) for _ in range(500)] + [random.uniform(-1, 1) * 2.0 ** random.randint(-60, 8) for _ in range(500)]
write("exp.bin", [(x, libm.exp(x)) for x in arguments])
exponents = [0.0, -0.0, 1.0, -1.0, -0.5, 0.5, -1022.0, -1e-300, 2.0 ** -60] + [-random.random() for _ in range(2500)]
exponents += [random.uniform(-20, 20) for _ in range(500)] + [random.uniform(-1000, 1000) for _ in range(200)]
write("pow2.bin", [(y, libm.pow(2.0, y)) for y in exponents])
floats = [single(x) for x in [0.0, -0.0, 1.0, -1.0, 1e-30, 88.0, 88.7, 88.72283, 88.72284, 89.0, -87.3, -87.4, -100.0, -103.9, -103.97208,
                              -103.98, -104.0, math.inf, -math.inf, 1e-8]]
floats += [single(random.gauss(0, 4)) for _ in range(2000)] + [single(random.uniform(-104, 89)) for _ in range(1500)]
write("expf.bin", [(x, libm.expf(x)) for x in floats])
constants = [float(n) for n in range(2, 5002, 3)] + [random.random() for _ in range(500)] + [2.0 ** 40, 1e-300, 0.1, 0.3 / 0.7]
write("log.bin", [(x, float(Fraction(Decimal(x).ln()))) for x in constants])
