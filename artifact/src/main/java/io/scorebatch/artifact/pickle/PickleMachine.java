package io.scorebatch.artifact.pickle;

import io.scorebatch.api.error.ScorebatchException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The pickle virtual machine over a byte array. Every length is checked against the bytes that are
 * left before anything is allocated; memory is charged to a budget in proportion to the file; the
 * machine loops and never recurses but for pickles that joblib nests in a file. Objects are only
 * described: see {@link Constructors}. A name that is not on the list does not stop the reading, so
 * that all of them are reported together. One thread, one use.
 */
final class PickleMachine {
  private static final int OBJECT_BYTES = 48;
  private static final int CONTAINER_BYTES = 64;
  private static final int MAX_STACK = 1 << 24;
  private static final int MAX_NESTED_PICKLES = 4;
  private static final int MAX_INTEGER_BYTES = 1024;
  private static final int MAX_REFUSED_NAMES = 20;
  private static final int PROTOCOLS = 5;

  private final String source;
  private final byte[] bytes;
  private final Budget budget;
  private final Set<String> refused;
  private final int nesting;
  private final ArrayList<Object> stack = new ArrayList<>();
  private final ArrayList<Integer> marks = new ArrayList<>();
  private @Nullable Object[] memo = new Object[64];
  private int memoized;
  private int at;

  PickleMachine(String source, byte[] bytes, Budget budget) {
    this(source, bytes, budget, 0, 0, new LinkedHashSet<>());
  }

  private PickleMachine(
      String source, byte[] bytes, Budget budget, int at, int nesting, Set<String> refused) {
    this.source = source;
    this.bytes = bytes;
    this.budget = budget;
    this.at = at;
    this.nesting = nesting;
    this.refused = refused;
  }

  /** Reads the pickle that starts at the present position. */
  Object read() {
    Object result;
    try {
      result = run();
    } catch (ScorebatchException failure) {
      if (!refused.isEmpty()) {
        throw PickleErrors.refusedGlobals(source, refused);
      }
      throw failure;
    }
    if (nesting == 0 && !refused.isEmpty()) {
      throw PickleErrors.refusedGlobals(source, refused);
    }
    return result;
  }

  private Object run() {
    while (true) {
      int start = at;
      int opcode = unsigned8();
      if (opcode == '.') {
        return pop();
      }
      step(opcode, start);
      if (stack.size() > MAX_STACK) {
        throw PickleErrors.tooLarge(source, "puts more than " + MAX_STACK + " values on the stack");
      }
    }
  }

  private void step(int opcode, int start) {
    switch (opcode) {
      case 0x80: // PROTO
        if (unsigned8() > PROTOCOLS) {
          throw damaged("protocol " + (bytes[at - 1] & 0xff) + ", known are 0 to " + PROTOCOLS);
        }
        break;
      case 0x95: // FRAME
        length(unsigned64());
        break;
      case 'N':
        push(PyNone.NONE);
        break;
      case 0x88:
        push(true);
        break;
      case 0x89:
        push(false);
        break;
      case 'K':
        pushNew((long) unsigned8());
        break;
      case 'M':
        pushNew((long) unsigned16());
        break;
      case 'J':
        pushNew((long) signed32());
        break;
      case 0x8a: // LONG1
        pushNew(integer(length(unsigned8())));
        break;
      case 0x8b: // LONG4
        pushNew(integer(length(signed32())));
        break;
      case 'I':
        pushNew(decimal(line(), true));
        break;
      case 'L':
        pushNew(decimal(line(), false));
        break;
      case 'G':
        pushNew(Double.longBitsToDouble(Long.reverseBytes(signed64())));
        break;
      case 'F':
        pushNew(floating(line()));
        break;
      case 'S':
        pushNew(quoted(line()));
        break;
      case 'T':
        pushText(length(signed32()), StandardCharsets.ISO_8859_1);
        break;
      case 'U':
        pushText(length(unsigned8()), StandardCharsets.ISO_8859_1);
        break;
      case 'V':
        pushNew(rawUnicode(line()));
        break;
      case 0x8c:
        pushText(length(unsigned8()), StandardCharsets.UTF_8);
        break;
      case 'X':
        pushText(length(unsigned32()), StandardCharsets.UTF_8);
        break;
      case 0x8d:
        pushText(length(unsigned64()), StandardCharsets.UTF_8);
        break;
      case 'C':
        pushBytes(length(unsigned8()));
        break;
      case 'B':
        pushBytes(length(unsigned32()));
        break;
      case 0x8e:
      case 0x96:
        pushBytes(length(unsigned64()));
        break;
      default:
        stepContainer(opcode, start);
    }
  }

  private void stepContainer(int opcode, int start) {
    switch (opcode) {
      case ']':
        pushContainer(new PySequence(PySequence.Kind.LIST, List.of()));
        break;
      case 'l':
        pushContainer(new PySequence(PySequence.Kind.LIST, popMark()));
        break;
      case ')':
        pushContainer(new PySequence(PySequence.Kind.TUPLE, List.of()));
        break;
      case 't':
        pushContainer(new PySequence(PySequence.Kind.TUPLE, popMark()));
        break;
      case 0x85:
      case 0x86:
      case 0x87:
        pushContainer(new PySequence(PySequence.Kind.TUPLE, popTop(opcode - 0x84)));
        break;
      case '}':
        pushContainer(new PyDict());
        break;
      case 'd':
        {
          PyDict dict = new PyDict();
          putAll(dict, popMark());
          pushContainer(dict);
          break;
        }
      case 0x8f:
        pushContainer(new PySequence(PySequence.Kind.SET, List.of()));
        break;
      case 0x91:
        pushContainer(new PySequence(PySequence.Kind.FROZENSET, popMark()));
        break;
      case 'a':
        appendAll(List.of(pop()));
        break;
      case 'e':
      case 0x90:
        appendAll(popMark());
        break;
      case 's':
        putAll(popTop(2));
        break;
      case 'u':
        putAll(popMark());
        break;
      case '0':
        if (marks.isEmpty() || stack.size() > marks.get(marks.size() - 1)) {
          pop();
        } else {
          popMark();
        }
        break;
      case '1':
        popMark();
        break;
      case '2':
        push(top());
        break;
      case '(':
        budget.charge(16);
        marks.add(stack.size());
        break;
      default:
        stepObject(opcode, start);
    }
  }

  private void stepObject(int opcode, int start) {
    switch (opcode) {
      case 'g':
        push(memoized(lineIndex()));
        break;
      case 'h':
        push(memoized(unsigned8()));
        break;
      case 'j':
        push(memoized(unsigned32()));
        break;
      case 'p':
        memoize(lineIndex());
        break;
      case 'q':
        memoize(unsigned8());
        break;
      case 'r':
        memoize(unsigned32());
        break;
      case 0x94:
        memoize(memoized);
        break;
      case 'c':
        pushGlobal(line() + "." + line());
        break;
      case 0x93:
        {
          List<Object> parts = popTop(2);
          if (!(parts.get(0) instanceof String module && parts.get(1) instanceof String name)) {
            throw damaged("a class name that is no text");
          }
          pushGlobal(module + "." + name);
          break;
        }
      case 'R':
      case 0x81: // NEWOBJ
        {
          List<Object> parts = popTop(2);
          pushNew(construct(parts.get(0), parts.get(1)));
          break;
        }
      case 0x92: // NEWOBJ_EX
        {
          List<Object> parts = popTop(3);
          if (!(parts.get(2) instanceof PyDict keywords && keywords.size() == 0)) {
            throw damaged("a constructor with keyword arguments");
          }
          pushNew(construct(parts.get(0), parts.get(1)));
          break;
        }
      case 'b':
        build(pop());
        break;
      default:
        refuse(opcode, start);
    }
  }

  private void refuse(int opcode, int start) {
    switch (opcode) {
      case 'P':
        throw PickleErrors.refusedOpcode(source, "PERSID", start);
      case 'Q':
        throw PickleErrors.refusedOpcode(source, "BINPERSID", start);
      case 'i':
        throw PickleErrors.refusedOpcode(source, "INST", start);
      case 'o':
        throw PickleErrors.refusedOpcode(source, "OBJ", start);
      case 0x82:
      case 0x83:
      case 0x84:
        throw PickleErrors.refusedOpcode(source, "EXT" + (1 << (opcode - 0x82)), start);
      case 0x97:
      case 0x98:
        throw PickleErrors.refusedOpcode(
            source, opcode == 0x97 ? "NEXT_BUFFER" : "READONLY_BUFFER", start);
      default:
        at = start;
        throw damaged("unknown opcode 0x" + Integer.toHexString(opcode));
    }
  }

  // Objects

  private void pushGlobal(String name) {
    if (!GlobalNames.allowed(name) && refused.size() < MAX_REFUSED_NAMES) {
      refused.add(printable(name));
    }
    pushNew(new PyGlobal(name));
  }

  private Object construct(Object callable, Object arguments) {
    if (!(arguments instanceof PySequence tuple && tuple.isTuple())) {
      throw damaged("constructor arguments that are no tuple");
    }
    if (callable instanceof PyGlobal global) {
      budget.charge(CONTAINER_BYTES);
      return Constructors.construct(global.name(), tuple.items(), budget);
    }
    throw damaged("a call of " + PickleErrors.describe(callable));
  }

  private void build(Object state) {
    Object target = top();
    if (target instanceof PyObject object) {
      if (state instanceof PyDict dict) {
        budget.charge((long) OBJECT_BYTES * dict.size());
      }
      object.build(state);
      if (object.className().equals(JoblibArray.CLASS_NAME)) {
        stack.set(stack.size() - 1, joblibArray(new JoblibArray(object)));
      }
    } else if (target instanceof NdArray array) {
      Constructors.buildArray(array, state);
    } else if (target instanceof PyDType type) {
      Constructors.buildType(type, state);
    } else if (!(target instanceof PyDict && state instanceof PyDict)) {
      throw damaged("a state for " + PickleErrors.describe(target));
    }
  }

  /** joblib puts an array's bytes, or a pickle of its own for objects, behind the description. */
  private NdArray joblibArray(JoblibArray described) {
    if (described.type().isObject()) {
      if (nesting == MAX_NESTED_PICKLES) {
        throw damaged("pickles nested more than " + MAX_NESTED_PICKLES + " deep");
      }
      PickleMachine inner = new PickleMachine(source, bytes, budget, at, nesting + 1, refused);
      Object array = inner.read();
      at = inner.at;
      if (array instanceof NdArray objects) {
        return objects;
      }
      throw damaged("no array in a nested pickle");
    }
    if (described.padded()) {
      int padding = unsigned8();
      length(padding);
      at += padding;
    }
    int count = NdArray.count(described.shape());
    int size = length((long) count * described.type().itemSize());
    PyBytes data = new PyBytes(bytes, at, size);
    at += size;
    return NdArray.of(described.type(), described.shape(), described.fortran(), data, budget);
  }

  private void appendAll(List<Object> items) {
    Object target = top();
    budget.charge(16L * items.size());
    if (target instanceof PySequence sequence) {
      items.forEach(sequence::add);
    } else if (target instanceof PyObject object) {
      items.forEach(object::append);
    } else {
      throw damaged("items for " + PickleErrors.describe(target));
    }
  }

  private void putAll(List<Object> items) {
    putAll(top(), items);
  }

  private void putAll(Object target, List<Object> items) {
    if (items.size() % 2 != 0) {
      throw damaged("a dictionary key without a value");
    }
    budget.charge(32L * items.size());
    for (int i = 0; i < items.size(); i += 2) {
      Object key = key(items.get(i));
      if (target instanceof PyDict dict) {
        dict.put(key, items.get(i + 1));
      } else if (target instanceof PyObject object) {
        object.put(key, items.get(i + 1));
      } else {
        throw damaged("entries for " + PickleErrors.describe(target));
      }
    }
  }

  /** Tuples become lists of scalars, so that hashing a key takes no time a file could blow up. */
  private Object key(Object key) {
    if (key instanceof PySequence tuple && tuple.isTuple()) {
      for (Object item : tuple.items()) {
        if (!isScalar(item)) {
          throw damaged("a dictionary key with " + PickleErrors.describe(item) + " in it");
        }
      }
      return List.copyOf(tuple.items());
    }
    if (isScalar(key) || key instanceof PyObject) {
      return key;
    }
    throw damaged("the dictionary key " + PickleErrors.describe(key));
  }

  private static boolean isScalar(Object value) {
    return value instanceof String
        || value instanceof Number
        || value instanceof Boolean
        || value instanceof PyBytes
        || value instanceof PyGlobal
        || value == PyNone.NONE;
  }

  // Stack and memo

  private void push(Object value) {
    stack.add(value);
  }

  private void pushNew(Object value) {
    budget.charge(OBJECT_BYTES);
    stack.add(value);
  }

  private void pushContainer(Object value) {
    budget.charge(
        CONTAINER_BYTES + (value instanceof PySequence sequence ? 8L * sequence.size() : 0));
    stack.add(value);
  }

  private Object top() {
    int floor = marks.isEmpty() ? 0 : marks.get(marks.size() - 1);
    if (stack.size() <= floor) {
      throw damaged("an empty stack");
    }
    return stack.get(stack.size() - 1);
  }

  private Object pop() {
    Object value = top();
    stack.remove(stack.size() - 1);
    return value;
  }

  private List<Object> popTop(int count) {
    Object[] values = new Object[count];
    for (int i = count - 1; i >= 0; i--) {
      values[i] = pop();
    }
    return Arrays.asList(values);
  }

  private List<Object> popMark() {
    if (marks.isEmpty()) {
      throw damaged("a missing mark");
    }
    int mark = marks.remove(marks.size() - 1);
    List<Object> tail = stack.subList(mark, stack.size());
    List<Object> values = new ArrayList<>(tail);
    tail.clear();
    return values;
  }

  private void memoize(long index) {
    Object value = top();
    if (index >= bytes.length) {
      throw damaged("the memo index " + index);
    }
    int slot = (int) index;
    if (slot >= memo.length) {
      int size = Math.max(slot + 1, memo.length * 2);
      budget.charge(8L * size);
      memo = Arrays.copyOf(memo, size);
    }
    if (memo[slot] == null) {
      memoized++;
    }
    memo[slot] = value;
  }

  private Object memoized(long index) {
    Object value = index < memo.length ? memo[(int) index] : null;
    if (value == null) {
      throw damaged("the unknown memo index " + index);
    }
    return value;
  }

  private long lineIndex() {
    Object index = decimal(line(), false);
    if (index instanceof Long number && number >= 0) {
      return number;
    }
    throw damaged("the memo index " + index);
  }

  // Bytes

  private int unsigned8() {
    need(1);
    return bytes[at++] & 0xff;
  }

  private int unsigned16() {
    need(2);
    return unsigned8() | unsigned8() << 8;
  }

  private int signed32() {
    need(4);
    return unsigned16() | unsigned16() << 16;
  }

  private long unsigned32() {
    return Integer.toUnsignedLong(signed32());
  }

  private long signed64() {
    need(8);
    return unsigned32() | unsigned32() << 32;
  }

  private long unsigned64() {
    return signed64();
  }

  private void need(int count) {
    if (count > bytes.length - at) {
      throw damaged("the file ends too early");
    }
  }

  /** A length that the rest of the file can hold. */
  private int length(long length) {
    if (length < 0 || length > bytes.length - at) {
      throw damaged("a length of " + Long.toUnsignedString(length) + " bytes is more than is left");
    }
    return (int) length;
  }

  private String line() {
    int end = at;
    while (end < bytes.length && bytes[end] != '\n') {
      end++;
    }
    if (end == bytes.length) {
      throw damaged("a line without an end");
    }
    String line = text(end - at, StandardCharsets.UTF_8);
    at++;
    return line;
  }

  private void pushText(int length, Charset charset) {
    push(text(length, charset));
  }

  private String text(int length, Charset charset) {
    budget.charge(OBJECT_BYTES + 2L * length);
    try {
      String text = charset.newDecoder().decode(ByteBuffer.wrap(bytes, at, length)).toString();
      at += length;
      return text;
    } catch (CharacterCodingException e) {
      throw damaged("text that is not " + charset);
    }
  }

  private void pushBytes(int length) {
    pushNew(new PyBytes(bytes, at, length));
    at += length;
  }

  private Object integer(int length) {
    if (length > MAX_INTEGER_BYTES) {
      throw damaged("an integer of " + length + " bytes");
    }
    byte[] bigEndian = new byte[length];
    for (int i = 0; i < length; i++) {
      bigEndian[length - 1 - i] = bytes[at++];
    }
    return length == 0 ? (Object) 0L : narrow(new BigInteger(bigEndian));
  }

  private Object decimal(String text, boolean mayBeBoolean) {
    if (mayBeBoolean && (text.equals("00") || text.equals("01"))) {
      return text.equals("01");
    }
    String digits = text.endsWith("L") ? text.substring(0, text.length() - 1) : text;
    if (digits.length() > MAX_INTEGER_BYTES) {
      throw damaged("an integer of " + digits.length() + " digits");
    }
    try {
      return narrow(new BigInteger(digits));
    } catch (NumberFormatException e) {
      throw damaged("the integer '" + printable(text) + "'");
    }
  }

  private static Object narrow(BigInteger value) {
    return value.bitLength() < 64 ? (Object) value.longValue() : (Object) value;
  }

  private double floating(String text) {
    try {
      switch (text) {
        case "nan":
          return Double.NaN;
        case "inf":
          return Double.POSITIVE_INFINITY;
        case "-inf":
          return Double.NEGATIVE_INFINITY;
        default:
          if (text.length() > MAX_INTEGER_BYTES) {
            throw damaged("a number of " + text.length() + " digits");
          }
          return Double.parseDouble(text);
      }
    } catch (NumberFormatException e) {
      throw damaged("the number '" + printable(text) + "'");
    }
  }

  /** Python 2's quoted strings, as far as names and plain text go. */
  private String quoted(String text) {
    int last = text.length() - 1;
    boolean quoted =
        last >= 1
            && text.charAt(0) == text.charAt(last)
            && (text.charAt(0) == '\'' || text.charAt(0) == '"');
    if (!quoted || text.indexOf('\\') >= 0) {
      throw damaged("the string " + printable(text));
    }
    return text.substring(1, last);
  }

  private String rawUnicode(String text) {
    StringBuilder result = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean escape = c == '\\' && i + 1 < text.length();
      int digits = escape ? (text.charAt(i + 1) == 'u' ? 4 : text.charAt(i + 1) == 'U' ? 8 : 0) : 0;
      if (digits == 0) {
        result.append(c);
        continue;
      }
      if (i + 2 + digits > text.length()) {
        throw damaged("the string " + printable(text));
      }
      try {
        int point = Integer.parseUnsignedInt(text.substring(i + 2, i + 2 + digits), 16);
        if (!Character.isValidCodePoint(point)) {
          throw damaged("the code point " + point);
        }
        result.appendCodePoint(point);
      } catch (NumberFormatException e) {
        throw damaged("the string " + printable(text));
      }
      i += 1 + digits;
    }
    return result.toString();
  }

  private static String printable(String text) {
    String start = text.length() > 120 ? text.substring(0, 120) + "…" : text;
    return start.replaceAll("[\\p{Cntrl}]", "?");
  }

  private ScorebatchException damaged(String what) {
    return PickleErrors.damaged(source, at, what);
  }
}
