import sys

import simplepyble

configuration, name = sys.argv[2], sys.argv[3]
(adapter,) = simplepyble.Adapter.get_adapters()
for attempt in range(5):  # its own D-Bus time limit is short for a busy computer
    try:
        adapter.scan_for(1500)
    except RuntimeError:
        if attempt == 4:
            raise
    else:
        break
found = {one.address().upper(): one for one in adapter.scan_get_results()}
print(len(found))
tag = found[sys.argv[1]]
tag.connect()
print(bytes(tag.read(configuration, name)).decode())
tag.disconnect()
