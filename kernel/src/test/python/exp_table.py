"""Writes ExpTable.java: 2^(k/128) and 2^(k/32) at high precision, as glibc's exp, pow and expf use them.

    python exp_table.py > ../../main/java/io/scorebatch/kernel/ExpTable.java
"""
import struct
from decimal import Decimal, getcontext
from fractions import Fraction

getcontext().prec = 80


def bits(x):
    return struct.unpack("<Q", struct.pack("<d", x))[0]


def power(k, n):
    return Decimal(2) ** (Decimal(k) / Decimal(n))


def nearest(d):
    return float(Fraction(d))


def literal(v):
    return f"0x{v & (2**64 - 1):016x}L"


def rows(values, each):
    return ",\n".join("    " + ", ".join(literal(v) for v in values[i:i + each]) for i in range(0, len(values), each))


double = []
for k in range(128):
    exact = power(k, 128)
    high = nearest(exact)
    tail = nearest(exact / Decimal(high) - 1)
    double += [bits(tail), bits(high) - (k << 45)]
single = [bits(nearest(power(i, 32))) - (i << 47) for i in range(32)]
print(f"""package io.scorebatch.kernel;

/**
 * Powers of two between 1 and 2, written by {{@code src/test/python/exp_table.py}}. With H = 2^(k/N)
 * rounded to double, the bits of H are stored less k/N in the exponent, so that adding the bits of an
 * integer scaled by N gives 2^(integer/N).
 */
final class ExpTable {{
  private ExpTable() {{}}

  /** For k from 0 to 127: bits of 2^(k/128)/H - 1, then bits of H less k * 2^45. */
  static final long[] DOUBLE = {{
{rows(double, 4)}
  }};

  /** For i from 0 to 31: bits of 2^(i/32) less i * 2^47. */
  static final long[] SINGLE = {{
{rows(single, 4)}
  }};
}}""")
