"""epochs.csv."""

from core.classifier.epochs import EpochRow, write_epochs


def test_a_row_per_epoch_with_named_columns() -> None:
    row = EpochRow("head", 1, 0.51234567, 0.6, 0.75, 0.5, 0.001, 1.25, "fold 0")
    assert write_epochs([row]).decode().splitlines() == [
        "stage,epoch,loss,val_loss,accuracy,val_accuracy,learning_rate,seconds,part",
        "head,1,0.512346,0.6,0.75,0.5,0.001,1.25,fold 0",
    ]


def test_without_fine_tuning_there_is_the_heading_only() -> None:
    assert len(write_epochs([]).decode().splitlines()) == 1
