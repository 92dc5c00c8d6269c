"""Files of boxes in other programs' forms: YOLO, COCO JSON, Pascal VOC.

Each module has pure functions between text and boxes. `annotations` has what all three share; which files there are,
and which photo each is about, is `core/dataset/label_source` and `label_matching`.
"""
