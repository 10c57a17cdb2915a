"""Reads a timeline as docs/formats/timeline.md describes it, proves every checksum, and prints a line per record."""
import glob, json, struct, sys, zlib

KINDS = {1: "Output", 2: "State", 3: "Health", 4: "Message", 5: "Gap", 6: "Exit"}

def word(data):
    n, = struct.unpack_from(">I", data)
    return data[4:4 + n].decode(), data[4 + n:]

def payload(kind, data):
    if kind == 1: return {"bytes": data.hex()}
    if kind == 2:
        state, data = word(data)
        (count,), data, attributes = struct.unpack_from(">I", data), data[4:], {}
        for _ in range(count):
            name, data = word(data)
            attributes[name], data = word(data)
        return {"state": state, "attributes": attributes}
    if kind == 3:
        status, data = word(data)
        return {"status": status, "exit": struct.unpack_from(">iq", data)[0], "output": data[12:].hex()}
    if kind == 4:
        topic, data = word(data)
        return {"topic": topic, "data": data.hex()}
    if kind == 5: return {"ends": struct.unpack_from(">4Q", data), "reason": data[32:].decode()}
    return {"exit": struct.unpack_from(">BiiQIQI", data), "message": data[33:].decode()}

offset, crc, following = None, None, None
for name in sorted(glob.glob(sys.argv[1] + "/" + "[0-9]" * 20 + ".segment")):
    file = open(name, "rb").read()
    magic, version, c, boot, base, time, out, err, outcrc, errcrc = struct.unpack_from(">QII16s4QII", file)
    assert magic == 0x7461696c72616365 and version == 1 and name.endswith("%020d.segment" % base)
    assert struct.unpack_from(">I", file, 72 + c)[0] == zlib.crc32(file[:72 + c])
    assert following in (None, base) and offset in (None, {1: out, 2: err}) and crc in (None, {1: outcrc, 2: errcrc})
    offset, crc, following, at = {1: out, 2: err}, {1: outcrc, 2: errcrc}, base, 76 + c
    while at < len(file):
        at = at if 4096 - at % 4096 >= 40 else at + 4096 - at % 4096
        mark, kind, stream, flags, n, sequence, now, begin, check, own = struct.unpack_from(">BBBBIQQQII", file, at)
        data = file[at + 40:at + 40 + n]
        assert mark == 0x54 and own == zlib.crc32(file[at:at + 36])
        if flags & 1: break
        assert sequence == following and now >= time and len(data) == n and check == zlib.crc32(data)
        content = payload(kind, data)
        if kind == 1:
            assert begin == offset[stream]
            offset[stream], crc[stream] = begin + n, zlib.crc32(data, crc[stream])
        if kind == 5: offset = {1: content["ends"][1], 2: content["ends"][3]}
        if kind == 6: assert content["exit"][3:] == (offset[1], crc[1], offset[2], crc[2])
        print(json.dumps({"sequence": sequence, "time": now, "kind": KINDS[kind], "stream": stream, **content}))
        following, time, at = sequence + 1, now, at + 40 + n
