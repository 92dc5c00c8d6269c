"""What several tests share: drawn scenes, broken files, a private MariaDB, a browser."""
