"""Read a YOLO data set by ultralytics' own loader, and print what it made of it as one JSON document.

`python -m tests.support.read_yolo_child <data.yaml> <part>`, in the environment that `child_environment` makes.
"""

import json
import sys
from pathlib import Path

from core.detector.ultralytics_setup import prepare_ultralytics


def main() -> None:
    prepare_ultralytics(threads=1)
    from ultralytics.data.dataset import YOLODataset
    from ultralytics.data.utils import check_det_dataset

    data = check_det_dataset(sys.argv[1], autodownload=False)
    dataset = YOLODataset(img_path=data[sys.argv[2]], data=data, task="detect", augment=False, imgsz=320)
    photos = {
        Path(one["im_file"]).name: [
            [data["names"][int(number)], *(float(value) for value in box)]
            for (number,), box in zip(one["cls"].tolist(), one["bboxes"].tolist(), strict=True)
        ]
        for one in dataset.labels
    }
    print(json.dumps({"names": list(data["names"].values()), "photos": photos}))


if __name__ == "__main__":
    main()
