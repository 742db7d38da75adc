"""Just enough of a capture reader to know which frames of the recordings are IP fragments."""
import gzip
import struct

ETHERNET, RAW = 1, 101


def packets(path):
    """Yields (frame number, link type, octets) of a classic little-endian savefile; nothing for other files."""
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    if data[:4] not in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1"):
        return
    link, at, number = struct.unpack_from("<I", data, 20)[0] & 0xFFFFFFF, 24, 0
    while at + 16 <= len(data):
        length = struct.unpack_from("<I", data, at + 8)[0]
        number += 1
        yield number, link, data[at + 16:at + 16 + length]
        at += 16 + length


def is_fragment(link, octets):
    if link == ETHERNET:
        octets = octets[14:]
    elif link != RAW:
        return False
    while len(octets) >= 20:
        version = octets[0] >> 4
        if version == 4:
            if struct.unpack_from("!H", octets, 6)[0] & 0x3FFF:
                return True
            protocol, octets = octets[9], octets[(octets[0] & 15) * 4:]
        elif version == 6:
            if octets[6] == 44:
                return True
            protocol, octets = octets[6], octets[40:]
        else:
            return False
        if protocol not in (4, 41):
            return False
    return False


def fragments(path):
    """The numbers of the frames that are fragments."""
    return {number for number, link, octets in packets(path) if is_fragment(link, octets)}
