//! Rules of header compression.

super::rules! {
    INDEX_ZERO = "hpack-index-zero", Error, Some("RFC 7541 §6.1"),
        "Index 0 names no entry. The rest of the block cannot be read, and with it the table is lost: the connection has to end.";
    INDEX_OUT_OF_RANGE = "hpack-index-out-of-range", Error, Some("RFC 7541 §2.3.3"),
        "The index is beyond the last entry of static and dynamic table. Sender and receiver no longer have the same table.";
    INTEGER_OVERFLOW = "hpack-integer-overflow", Error, Some("RFC 7541 §5.1"),
        "A number in HPACK can be continued byte by byte without end. Receivers set a limit, and what is above it, or cut off, is a decoding error.";
    STRING_CUT = "hpack-string-cut", Error, Some("RFC 7541 §5.2"),
        "The string claims more bytes than the block has left, so the block is cut or misread.";
    HUFFMAN_EOS = "hpack-huffman-eos", Error, Some("RFC 7541 §5.2"),
        "The Huffman code has a symbol for \"end of string\", whose first bits serve as padding. The whole symbol may not appear.";
    HUFFMAN_PADDING = "hpack-huffman-padding", Error, Some("RFC 7541 §5.2"),
        "The last byte of a Huffman-coded string is filled up with ones, at most seven. Anything else would let two encodings stand for the same string.";
    SIZE_UPDATE_LATE = "hpack-size-update-late", Error, Some("RFC 7541 §4.2"),
        "A change of the table's size stands at the beginning of a header block, before its first field, so that both sides evict at the same moment.";
    SIZE_UPDATE_TOO_LARGE = "hpack-size-update-too-large", Error, Some("RFC 7541 §6.3"),
        "The receiver said with SETTINGS_HEADER_TABLE_SIZE how much memory it spends on the table. The sender may take less, never more.";
    SIZE_UPDATE_MISSING = "hpack-size-update-missing", Error, Some("RFC 7541 §4.2"),
        "The sender acknowledged a smaller SETTINGS_HEADER_TABLE_SIZE, so its next block begins with a size update, to the smallest size if there were several. Without it, both tables may differ from here on.";
    HEADER_LIST_TOO_LARGE = "header-list-too-large", Warning, Some("RFC 9113 §6.5.2"),
        "The list is larger than SETTINGS_MAX_HEADER_LIST_SIZE, which this sender acknowledged. The limit is advice, but the receiver is likely to refuse the message (431).";
}
